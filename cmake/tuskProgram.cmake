# How the project's own programs are built: tests, examples and benchmarks. Nothing of this reaches a user's build.

set(CMAKE_CXX_EXTENSIONS OFF)

find_program(TUSK_CCACHE ccache)
mark_as_advanced(TUSK_CCACHE)
if(TUSK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND PROJECT_IS_TOP_LEVEL)
    # What ccache must overlook to work with precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime "${TUSK_CCACHE}")
endif()

add_library(tusk_warnings INTERFACE)
target_compile_options(tusk_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion)
# GCC 12 loses track of which member of a result's union is alive, and warns of values that are never read.
target_compile_options(tusk_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

# The libraries that a program may use, by the include that shows it: <pattern> <package> <target>.
set(tusk_known_libraries
    "<tusk/compression/lz4.hpp>" lz4 tusk::lz4
    "<lz4.h>" lz4 lz4::lz4
    "<tusk/compression/zstd.hpp>" zstd tusk::zstd
    "<zstd.h>" zstd zstd::zstd
    "<tusk/format/json.hpp>" RapidJSON tusk::json
    "<rapidjson/" RapidJSON rapidjson
    "<tusk/format/protobuf.hpp>" protozero tusk::protobuf
    "<protozero/" protozero protozero::protozero
    "<google/protobuf/" Protobuf protobuf::libprotobuf
    "<tusk/backend/uring.hpp>" liburing tusk::uring
    "<liburing.h>" liburing liburing::liburing
    "<rapidcheck" rapidcheck rapidcheck
    "<nlohmann/" nlohmann_json nlohmann_json::nlohmann_json
    "<CLI/" CLI11 CLI11::CLI11
    "<fmt/" fmt fmt::fmt-header-only)

# Links a target with tusk and with each library that its sources include. All of them must be there: nothing that
# was asked for goes missing quietly.
function(tusk_link target)
    target_link_libraries(${target} PRIVATE tusk::tusk tusk_warnings)
    set(text "")
    foreach(source IN LISTS ARGN)
        file(STRINGS "${source}" includes REGEX "^ *# *include *<")
        string(APPEND text "${includes}")
    endforeach()
    set(libraries ${tusk_known_libraries})
    while(libraries)
        list(POP_FRONT libraries pattern package library)
        string(FIND "${text}" "${pattern}" found)
        if(NOT found EQUAL -1)
            find_package(${package} REQUIRED)
            target_link_libraries(${target} PRIVATE ${library})
        endif()
    endwhile()
endfunction()
