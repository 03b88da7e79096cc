#include "all_headers.hpp"

const void* category_seen_second() { return &tusk::category(); }
