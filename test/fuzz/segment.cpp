// A segment of arbitrary bytes, in a directory whose state file is as it should be.
//
// The input: what is to be done, how far the log is proven, settings; then the segment.

#include <fuzz/examine.hpp>
#include <fuzz/input.hpp>

#include <tusk/log/state_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tusk;
    fuzz::input in(std::as_bytes(std::span(data, size)));
    const unsigned what = in.byte();
    const unsigned proven = in.byte();
    fuzz::examination how{.format = what % 3, .mend = (what / 3 & 1) != 0};
    how.verify_all = (what / 6 & 1) != 0;
    how.refuse_tail = (what / 12 & 1) != 0;
    how.settings = in.byte();
    const byte_view segment = in.rest();

    // 0 is not at all, 1 to 254 a part of the segment, 255 all of it.
    const std::uint64_t lsn = proven == 255 ? segment.size() : segment.size() * proven / 255 / 8 * 8;
    std::string state(state_layout::file_size, '\0');
    const std::string slot = fuzz::usual_slot(how.format, lsn);
    for (const std::uint64_t at : state_layout::slot)
        state.replace(static_cast<std::size_t>(at), slot.size(), slot);
    fuzz::examine({{"state", state}, {"0000000001.wal", std::string(to_text(segment))}}, how);
    return 0;
}
