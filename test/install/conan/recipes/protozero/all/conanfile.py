from conan import ConanFile
from conan.tools.system.package_manager import Apt


class Protozero(ConanFile):
    """Stands for the headers that Debian's package has installed."""

    name = "protozero"
    settings = "os", "arch", "compiler", "build_type"
    package_type = "header-library"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libprotozero-dev"])

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "protozero::protozero")
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
