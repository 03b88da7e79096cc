import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout


class Tusk(ConanFile):
    name = "tusk"
    description = "A header-only C++20 write-ahead log whose parts are chosen at compile time"
    license = "MIT"
    topics = ("wal", "write-ahead-log", "log", "storage", "durability", "raft", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "with_lz4": [True, False],
        "with_zstd": [True, False],
        "with_json": [True, False],
        "with_protobuf": [True, False],
        "with_liburing": [True, False],
    }
    default_options = {name: False for name in options}
    exports_sources = "include/*", "LICENSE"
    no_copy_source = True
    test_package_folder = "test/install/conan"

    def set_version(self):
        text = load(self, f"{self.recipe_folder}/include/tusk/version.hpp")
        self.version = re.search(r'TUSK_VERSION_STRING "([^"]+)"', text)[1]

    def config_options(self):
        if self.settings.os != "Linux":
            del self.options.with_liburing

    def layout(self):
        basic_layout(self)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]")
        if self.options.with_lz4:
            self.requires("lz4/[>=1.9 <2]")
        if self.options.with_zstd:
            self.requires("zstd/[>=1.4 <2]")
        if self.options.with_json:
            self.requires("rapidjson/[>=1.1 <2]")
        if self.options.with_protobuf:
            self.requires("protozero/[>=1.7 <2]")
        if self.options.get_safe("with_liburing"):
            self.requires("liburing/[>=2.3 <3]")

    def package_id(self):
        self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)

    def package(self):
        copy(self, "LICENSE", self.source_folder, f"{self.package_folder}/licenses")
        copy(self, "*.hpp", f"{self.source_folder}/include", f"{self.package_folder}/include")
        copy(self, "*.proto", f"{self.source_folder}/include", f"{self.package_folder}/include")

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "tusk")
        self.cpp_info.set_property("cmake_config_version_compat", "SameMinorVersion")
        core = self._component("tusk", "tusk::tusk", "tusk")
        core.requires = ["boost::headers"]
        if self.settings.os in ["Linux", "FreeBSD"]:
            core.system_libs = ["pthread"]
        if self.options.with_lz4:
            self._component("lz4", "tusk::lz4", "tusk-lz4").requires = ["tusk", "lz4::lz4"]
        if self.options.with_zstd:
            self._component("zstd", "tusk::zstd", "tusk-zstd").requires = ["tusk", "zstd::zstd"]
        if self.options.with_json:
            self._component("json", "tusk::json", "tusk-json").requires = ["tusk", "rapidjson::rapidjson"]
        if self.options.with_protobuf:
            self._component("protobuf", "tusk::protobuf", "tusk-protobuf").requires = ["tusk", "protozero::protozero"]
        self._component("mmap", "tusk::mmap", "tusk-mmap").requires = ["tusk", "boost::headers"]
        if self.options.get_safe("with_liburing"):
            self._component("uring", "tusk::uring", "tusk-uring").requires = ["tusk", "liburing::liburing"]

    def _component(self, name, cmake_target, pkg_config):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", cmake_target)
        component.set_property("pkg_config_name", pkg_config)
        component.libdirs = component.bindirs = []
        return component
