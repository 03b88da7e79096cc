// refused: error
int accepted;
