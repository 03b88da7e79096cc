from conan import ConanFile
from conan.tools.system.package_manager import Apt


class Rapidjson(ConanFile):
    """Stands for the headers that Debian's package has installed."""

    name = "rapidjson"
    settings = "os", "arch", "compiler", "build_type"
    package_type = "header-library"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["rapidjson-dev"])

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "RapidJSON")
        self.cpp_info.set_property("cmake_target_name", "rapidjson")
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
