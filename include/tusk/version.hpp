#pragma once

/// The version of the library. The inline namespace changes whenever the ABI of a public type does, so that two
/// versions linked into one program are told apart by the linker.
#define TUSK_VERSION_MAJOR 0
#define TUSK_VERSION_MINOR 1
#define TUSK_VERSION_PATCH 0
#define TUSK_VERSION_STRING "0.1.0"

namespace tusk {
inline namespace v0 {}
} // namespace tusk
