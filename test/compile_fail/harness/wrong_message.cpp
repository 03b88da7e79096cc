// refused: the message that nobody writes
#ifdef REFUSED
static_assert(sizeof(char) == 2, "another message");
#endif
