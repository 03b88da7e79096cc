#include "all_headers.hpp"

const void* category_seen_first() { return &tusk::category(); }
