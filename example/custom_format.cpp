// A format of one's own: the binary one, with a second checksum behind each frame. Of damages at random a CRC-32C misses one
// in four billion; where that is too often, a CRC-64 finds the rest. (Against intent neither helps: they are no signatures.)
#include <tusk/wal.hpp>

#include <boost/crc.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

struct twice_checked_format : tusk::binary_format {
    using inner = tusk::binary_format;
    static constexpr std::uint8_t id = tusk::format_id::user; // persisted: no other format takes its logs for its own
    static constexpr const char* name = "twice_checked_format";
    static constexpr std::size_t trailer = 8; // the CRC-64 of all behind the frame's header; keeps the alignment
    static constexpr std::size_t min_pad = inner::min_pad + trailer;

    static std::size_t size(const tusk::frame_view& frame) noexcept { return inner::size(without(frame)) + trailer; }
    static void encode(const tusk::frame_view& frame, tusk::byte_span out) noexcept {
        const tusk::byte_span body = out.first(out.size() - trailer);
        inner::encode(without(frame), body);
        tusk::store_le(body.data() + body.size(), crc64(body)); // stamp() changes the header alone
    }
    static tusk::verdict probe(tusk::byte_view in, const tusk::frame_place& place, tusk::frame_info& info) noexcept {
        const tusk::verdict found = inner::probe(in, place, info);
        if (found == tusk::verdict::frame) {
            info.size += trailer;
            info.lead = info.size; // no entry is shown before all of its frame is checked
        }
        return found;
    }
    static bool check(tusk::byte_view in, const tusk::frame_info& info) noexcept {
        if (in.size() < info.size)
            return false;
        const tusk::byte_view body = in.first(info.size - trailer);
        return tusk::load_le<std::uint64_t>(body.data() + body.size()) == crc64(body) &&
               inner::check(body, without(in, info));
    }
    static bool check_lead(tusk::byte_view in, const tusk::frame_info& info) noexcept { return check(in, info); }
    static tusk::result<std::size_t> numbers(tusk::byte_view in, const tusk::frame_info& info,
                                             std::span<std::uint64_t> out) noexcept {
        return in.size() < info.lead ? tusk::errc::corrupt : inner::numbers(in, without(in, info), out);
    }
    static tusk::result<bool> next(tusk::byte_view in, const tusk::frame_info& info, tusk::frame_cursor& cursor,
                                   tusk::stored_entry& entry) noexcept {
        return in.size() < info.lead ? tusk::errc::corrupt : inner::next(in, without(in, info), cursor, entry);
    }

private:
    // The frame and what is known of it as the binary format sees them.
    static tusk::frame_view without(tusk::frame_view frame) noexcept {
        frame.pad_size -= frame.type == tusk::frame_type::pad ? trailer : 0;
        return frame;
    }
    static tusk::frame_info without(tusk::byte_view in, tusk::frame_info info) noexcept {
        using namespace tusk::binary_layout;
        info.size -= trailer;
        if (tusk::binary_decoder::has_directory(info))
            info.lead = directory_at + tusk::load_le<std::uint32_t>(in.data() + directory_size_at);
        else
            info.lead = info.type == tusk::frame_type::pad ? inner::min_pad : info.size;
        return info;
    }
    static std::uint64_t crc64(tusk::byte_view frame) noexcept {
        boost::crc_optimal<64, 0x42F0E1EBA9EA3693, ~0ULL, ~0ULL, true, true> crc;
        crc.process_bytes(frame.data() + inner::min_pad, frame.size() - inner::min_pad);
        return crc.checksum();
    }
};
static_assert(tusk::format<twice_checked_format>);

// Appends, damages what was written so that its CRC-32C stays right, and says what reading it gives.
template<class Format>
tusk::result<tusk::entry> read_damaged(const std::string& path) {
    using log_type = tusk::basic_wal<Format, tusk::fsync_always, tusk::posix_backend, tusk::no_compression>;
    (void)log_type::destroy(path); // of the last run, if there was one
    TUSK_TRY(auto log, log_type::open(path));
    TUSK_TRY(log.append("a payment of 100 EUR"));
    TUSK_TRY(log.close());
    std::fstream file(path + "/0000000001.wal", std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    std::size_t at = bytes.find("100 EUR");
    file.seekp(static_cast<std::streamoff>(at));
    for (const int flipped : {0xF1, 0x76, 0xEC, 0x05, 0x01}) // the polynomial of the CRC-32C
        file.put(static_cast<char>(bytes[at++] ^ flipped));
    file.close();
    TUSK_TRY(log, log_type::open(path));
    return log.get(1);
}

int main() {
    const auto once = read_damaged<tusk::binary_format>("checked_once.wal");
    const auto twice = read_damaged<twice_checked_format>("custom_format.wal");
    std::cout << "checked once:  " << (once ? "served, with other bytes" : once.error().message())
              << "\nchecked twice: " << (twice ? "served" : twice.error().message()) << '\n';
    return once && !twice && twice.error() == tusk::errc::corrupt ? 0 : 1;
}
