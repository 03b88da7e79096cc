// A whole directory: the state file, segments, and what else may lie there.
//
// The input: what is to be done, settings; then files, each with a byte that names it, its size in two bytes, and what it
// holds. Of the state file, what is used of its three pages; of a segment, perhaps unused space behind it.

#include <fuzz/examine.hpp>
#include <fuzz/input.hpp>

#include <tusk/log/state_file.hpp>

#include <array>

namespace {

std::string name_of(unsigned number) {
    const std::string digits = std::to_string(number % 16);
    return std::string(10 - digits.size(), '0') + digits + ".wal";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tusk;
    fuzz::input in(std::as_bytes(std::span(data, size)));
    const unsigned what = in.byte();
    fuzz::examination how{.format = what % 3, .mend = (what / 3 & 1) != 0};
    how.verify_all = (what / 6 & 1) != 0;
    how.refuse_tail = (what / 12 & 1) != 0;
    how.settings = in.byte();
    fuzz::files found;
    while (!in.empty() && found.size() < 20) {
        const unsigned kind = in.byte();
        const byte_view bytes = in.bytes(static_cast<std::size_t>(in.number(2)));
        const std::string text(to_text(bytes));
        if (kind == 0) {
            std::string& state = found["state"];
            state.assign(static_cast<std::size_t>(state_layout::file_size), '\0');
            constexpr std::size_t slot = state_layout::slot_size;
            for (std::size_t i = 0; i < 3 && i * slot < text.size(); ++i) {
                const std::string part = text.substr(i * slot, i == 2 ? state_layout::witness_size : slot);
                state.replace(i * static_cast<std::size_t>(state_layout::page), part.size(), part);
            }
        } else if (kind < 64) {
            found[name_of(kind)] = text + std::string((kind / 16) * 1000U, how.format == 1 ? '\n' : '\0');
        } else if (kind < 80) {
            found[name_of(kind) + ".evidence"] = text;
        } else {
            found["state"] = text;
        }
    }
    fuzz::examine(std::move(found), how);
    return 0;
}
