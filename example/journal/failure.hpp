#pragma once

#include <stdexcept>

/// Something that the user can do something about: a file that is not there, a directory that may not be written.
struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The log does not hold what it should.
struct disagreement : std::runtime_error {
    using std::runtime_error::runtime_error;
};
