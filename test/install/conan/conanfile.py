from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout


class Consumer(ConanFile):
    """Builds and runs, against the package, the same program that the other ways of installing are tested with."""

    settings = "os", "arch", "compiler", "build_type"
    test_type = "explicit"

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires(self.tested_reference_str)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False
        options = self.dependencies["tusk"].options.items()
        features = [name.removeprefix("with_").removeprefix("lib") for name, value in options if value == "True"] + ["mmap"]
        toolchain.cache_variables["TUSK_COMPONENTS"] = ";".join(features)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder="../consumer")
        cmake.build()

    def test(self):
        CMake(self).ctest(["--output-on-failure", "--no-tests=error"])
