// refused: it is always so
static_assert(sizeof(char) == 2, "it is always so");
