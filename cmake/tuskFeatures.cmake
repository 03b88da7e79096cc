# The targets beside tusk::tusk, one for each library that some headers bring: tusk::<feature> links it.
# Read by the build and by the installed package, so that both offer the same.

set(tusk_features lz4 zstd json protobuf mmap uring)

set(tusk_lz4_package lz4)
set(tusk_lz4_target lz4::lz4)
set(tusk_lz4_pkg_config liblz4)

set(tusk_zstd_package zstd)
set(tusk_zstd_target zstd::zstd)
set(tusk_zstd_pkg_config libzstd)

set(tusk_json_package RapidJSON)
set(tusk_json_target rapidjson)
set(tusk_json_pkg_config RapidJSON)

set(tusk_protobuf_package protozero)
set(tusk_protobuf_target protozero::protozero)
set(tusk_protobuf_pkg_config "")

set(tusk_mmap_package Boost CONFIG) # whose headers tusk::tusk needs too
set(tusk_mmap_target Boost::headers)
set(tusk_mmap_pkg_config "")

set(tusk_uring_package liburing)
set(tusk_uring_target liburing::liburing)
set(tusk_uring_pkg_config liburing)
