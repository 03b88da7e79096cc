# Finds the headers of protozero, which Debian ships without a package file, and gives the target protozero::protozero.

if(NOT TARGET protozero::protozero)
    find_package(protozero CONFIG QUIET)
endif()
if(TARGET protozero::protozero)
    set(protozero_FOUND TRUE)
    return()
endif()

find_path(protozero_INCLUDE_DIR protozero/version.hpp)
mark_as_advanced(protozero_INCLUDE_DIR)
if(protozero_INCLUDE_DIR)
    file(STRINGS "${protozero_INCLUDE_DIR}/protozero/version.hpp" protozero_VERSION REGEX "VERSION_STRING")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" protozero_VERSION "${protozero_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(protozero REQUIRED_VARS protozero_INCLUDE_DIR VERSION_VAR protozero_VERSION)
if(protozero_FOUND)
    add_library(protozero::protozero INTERFACE IMPORTED)
    set_target_properties(protozero::protozero PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${protozero_INCLUDE_DIR}")
endif()
