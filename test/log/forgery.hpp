#pragma once

#include <log/fixture.hpp>

namespace log_test {

/// Makes frames of binary_format whose checksums are right, whatever they say, and puts them into a segment: what an
/// enemy, or a writer gone mad, could leave there.
class forgery {
public:
    explicit forgery(memory_disk& disk, std::string file = "0000000001.wal") : disk_(&disk), file_(std::move(file)) {
        const std::string header = disk.read(file_).substr(0, 128);
        place_.log = load_le<std::uint64_t>(at(header, 40));
        place_.segment = static_cast<segment_t>(load_le<std::uint64_t>(at(header, 48)));
    }

    /// The offset behind the last frame.
    [[nodiscard]] std::uint64_t end() const { return walk(UINT64_MAX); }
    /// The offset of the n-th frame; the header is the first.
    [[nodiscard]] std::uint64_t frame(std::uint64_t n) const { return walk(n - 1); }

    /// The frame, not yet with its place.
    [[nodiscard]] static std::string encoded(const frame_view& f) {
        std::string out(binary_format::size(f), '\0');
        binary_format::encode(f, std::as_writable_bytes(std::span(out)));
        return out;
    }
    /// A frame that says that its body has so many bytes, or that it has so many entries.
    [[nodiscard]] static std::string with_size(std::string f, std::uint32_t body) {
        store_le(at(f, binary_layout::body_size_at), body);
        return f;
    }
    [[nodiscard]] static std::string with_count(std::string f, std::uint32_t count) {
        store_le(at(f, 0), static_cast<std::uint32_t>(static_cast<unsigned char>(f[0])) | (count << 8));
        return f;
    }
    /// Mends the checksum of the first so many bytes of the body.
    [[nodiscard]] static std::string with_lead(const std::string& frame, std::size_t lead) {
        std::string f = frame;
        store_le(at(f, binary_layout::lead_checksum_at), crc32c(to_bytes(f).subspan(binary_layout::header_size, lead)));
        return f;
    }

    /// Puts the frame at `offset`, as that of the entry `index`.
    void put(std::uint64_t offset, std::string f, index_t index, lsn_t witness = 0) const {
        frame_place place = place_;
        place.offset = offset;
        store_le(at(f, binary_layout::first_index_at), index);
        store_le(at(f, binary_layout::witness_at), witness);
        store_le(at(f, binary_layout::checksum_at), binary_layout::header_checksum(at(f, 0), place));
        disk_->write(file_, offset, f);
    }

    /// Puts the segment's header there again, with another number at `field`.
    void put_header(std::size_t field, std::uint64_t number) const {
        std::string header = disk_->read(file_).substr(0, 112);
        store_le(at(header, field), number);
        put(0, with_lead(header, header.size() - binary_layout::header_size), 1);
    }

    /// Puts a frame that was found at `offset` there again, as that of the entry `index`.
    void move(std::uint64_t offset, const std::string& f, index_t index) const {
        put(offset, f, index, load_le<std::uint64_t>(at(f, binary_layout::witness_at)));
    }

private:
    static std::byte* at(std::string& bytes, std::size_t offset) {
        return reinterpret_cast<std::byte*>(bytes.data()) + offset;
    }
    static const std::byte* at(const std::string& bytes, std::size_t offset) {
        return reinterpret_cast<const std::byte*>(bytes.data()) + offset;
    }
    [[nodiscard]] std::uint64_t walk(std::uint64_t frames) const {
        const std::string all = disk_->read(file_);
        frame_place place = place_;
        for (; frames > 0; --frames) {
            frame_info info;
            const byte_view rest = to_bytes(all).subspan(static_cast<std::size_t>(place.offset));
            if (binary_format::probe(rest, place, info) != verdict::frame)
                break;
            place.offset += info.size;
        }
        return place.offset;
    }

    memory_disk* disk_;
    std::string file_;
    frame_place place_;
};

} // namespace log_test
