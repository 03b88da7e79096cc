// Two objects that each hold all headers link, and agree on what must exist once.

const void* category_seen_first();
const void* category_seen_second();

int main() { return category_seen_first() == category_seen_second() ? 0 : 1; }
