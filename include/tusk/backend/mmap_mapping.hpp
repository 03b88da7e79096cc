#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/pin.hpp>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include <cstdint>
#include <limits>
#include <memory>

namespace tusk::inline v0 {

/// The first bytes of a file in memory, shared with everybody who reads or writes it. Stays there until the last pin is
/// gone, whatever happens to the file's descriptor and name.
class mmap_mapping : public pinnable {
public:
    /// The first `size` bytes, at least one, of the file, which is as large; null if the system refuses. Allocates.
    [[nodiscard]] static mmap_mapping* make(int descriptor, std::uint64_t size,
                                            boost::interprocess::mode_t mode) noexcept {
        if (size == 0 || size > std::numeric_limits<std::size_t>::max())
            return nullptr;
        try {
            return new mmap_mapping(
                boost::interprocess::mapped_region(source{descriptor}, mode, 0, static_cast<std::size_t>(size)));
        } catch (const boost::interprocess::interprocess_exception&) {
            return nullptr;
        }
    }

    [[nodiscard]] std::byte* data() const noexcept { return static_cast<std::byte*>(region_.get_address()); }
    [[nodiscard]] std::size_t size() const noexcept { return region_.get_size(); }

private:
    // What mapped_region asks for the file: Boost's own file_mapping opens it by its name, which may be another's by now.
    struct source {
        int descriptor;
        [[nodiscard]] boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept {
            return boost::interprocess::ipcdetail::mapping_handle_from_file_handle(descriptor);
        }
    };

    explicit mmap_mapping(boost::interprocess::mapped_region region) noexcept : region_(std::move(region)) {
        release = [](pinnable& p) noexcept { delete static_cast<mmap_mapping*>(&p); };
    }

    boost::interprocess::mapped_region region_;
};

} // namespace tusk::inline v0
