#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/endian.hpp>

#include <protozero/basic_pbf_writer.hpp>
#include <protozero/buffer_fixed.hpp>
#include <protozero/pbf_reader.hpp>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace bench {

/// What a frame of one entry says, for those who write it without a Format.
struct message {
    std::uint64_t index = 0;
    std::uint64_t witness = 0;
    std::uint64_t term = 0;
    std::uint64_t time = 0;
    std::uint8_t codec = 0;
    std::uint32_t raw_size = 0;
    bool is_text = false; ///< known here; a Format has to find out
    tusk::byte_view data;
};

/// Bytes that any of them adds to the data at most, base64 aside.
inline constexpr std::size_t message_room = 512;

/// A struct of fixed numbers and the data behind it: memcpy, and a look at type and sizes before they are believed, as the
/// other libraries' readers have it.
struct bare_binary {
    static constexpr const char* name = "memcpy";

    struct head {
        std::uint32_t type, size;
        std::uint64_t index, witness, checksums, term, time;
        std::uint32_t codec, raw_size;
    };

    static std::size_t encode(const message& m, tusk::byte_span out) {
        const head h{
            2, static_cast<std::uint32_t>(m.data.size()), m.index, m.witness, 0, m.term, m.time, m.codec, m.raw_size};
        std::memcpy(out.data(), &h, sizeof h);
        std::memcpy(out.data() + sizeof h, m.data.data(), m.data.size());
        return sizeof h + m.data.size();
    }

    static message decode(tusk::byte_view in, tusk::byte_span /*room*/) {
        head h;
        message m;
        if (in.size() < sizeof h)
            return m;
        std::memcpy(&h, in.data(), sizeof h);
        if (h.type != 2 || h.size != in.size() - sizeof h || h.codec > 255 || (h.codec == 0 && h.raw_size != h.size))
            return m;
        m.index = h.index;
        m.witness = h.witness;
        m.term = h.term;
        m.time = h.time;
        m.codec = static_cast<std::uint8_t>(h.codec);
        m.raw_size = h.raw_size;
        m.data = in.subspan(sizeof h, h.size);
        return m;
    }
};

/// The message Frame of tusk.proto with the same fields, its length before it.
struct bare_protobuf {
    static constexpr const char* name = "protozero";

    using writer = protozero::basic_pbf_writer<protozero::fixed_size_buffer_adaptor>;
    static constexpr std::size_t length_size = 4;

    static std::size_t encode(const message& m, tusk::byte_span out) {
        protozero::fixed_size_buffer_adaptor buffer(reinterpret_cast<char*>(out.data()) + length_size,
                                                    out.size() - length_size);
        writer frame(buffer);
        frame.add_enum(1, 2);
        frame.add_fixed32(2, 1);
        frame.add_fixed64(3, m.index);
        frame.add_fixed64(4, m.witness);
        for (const unsigned checksums_and_lead : {5U, 6U, 7U})
            frame.add_fixed32(checksums_and_lead, 0);
        {
            writer entry(frame, 13);
            entry.add_uint64(1, m.term);
            entry.add_fixed64(2, m.time);
            if (m.codec != 0) {
                entry.add_uint32(4, m.codec);
                entry.add_uint32(5, m.raw_size);
            }
            entry.add_uint32(7, static_cast<std::uint32_t>(m.data.size()));
        }
        {
            const auto size = static_cast<std::uint32_t>(m.data.size());
            // Told its size, the writer leaves so much room for the length as it takes, and moves nothing afterwards.
            writer record(frame, 14, 1 + static_cast<std::size_t>(protozero::length_of_varint(size)) + m.data.size());
            record.add_bytes(2, reinterpret_cast<const char*>(m.data.data()), m.data.size());
        }
        tusk::store_le(out.data(), static_cast<std::uint32_t>(buffer.size()));
        return length_size + buffer.size();
    }

    static message decode(tusk::byte_view in, tusk::byte_span /*room*/) {
        message m;
        protozero::pbf_reader frame(reinterpret_cast<const char*>(in.data()) + length_size,
                                    tusk::load_le<std::uint32_t>(in.data()));
        while (frame.next())
            switch (frame.tag()) {
            case 3: m.index = frame.get_fixed64(); break;
            case 4: m.witness = frame.get_fixed64(); break;
            case 13: decode_entry(frame.get_message(), m); break;
            case 14: {
                protozero::pbf_reader record = frame.get_message();
                while (record.next(2)) {
                    const protozero::data_view data = record.get_view();
                    m.data = tusk::to_bytes({data.data(), data.size()});
                }
                break;
            }
            default: frame.skip();
            }
        return m;
    }

private:
    static void decode_entry(protozero::pbf_reader entry, message& m) {
        while (entry.next())
            switch (entry.tag()) {
            case 1: m.term = entry.get_uint64(); break;
            case 2: m.time = entry.get_fixed64(); break;
            case 4: m.codec = static_cast<std::uint8_t>(entry.get_uint32()); break;
            case 5: m.raw_size = entry.get_uint32(); break;
            default: entry.skip();
            }
    }
};

/// Base64 as one would write it who needs it: RapidJSON has none.
struct plain_base64 {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    static std::size_t encode(tusk::byte_view in, char* const out) {
        char* to = out;
        std::size_t at = 0;
        const auto byte = [&](std::size_t i) { return i < in.size() ? std::to_integer<std::uint32_t>(in[i]) : 0U; };
        for (; at + 3 <= in.size(); at += 3) {
            const std::uint32_t bits = std::to_integer<std::uint32_t>(in[at]) << 16 |
                                       std::to_integer<std::uint32_t>(in[at + 1]) << 8 |
                                       std::to_integer<std::uint32_t>(in[at + 2]);
            *to++ = alphabet[bits >> 18];
            *to++ = alphabet[bits >> 12 & 63];
            *to++ = alphabet[bits >> 6 & 63];
            *to++ = alphabet[bits & 63];
        }
        if (at < in.size()) {
            const std::uint32_t bits = byte(at) << 16 | byte(at + 1) << 8;
            *to++ = alphabet[bits >> 18];
            *to++ = alphabet[bits >> 12 & 63];
            *to++ = at + 1 < in.size() ? alphabet[bits >> 6 & 63] : '=';
            *to++ = '=';
        }
        return static_cast<std::size_t>(to - out);
    }

    static std::size_t decode(std::string_view in, tusk::byte_span out) {
        static constexpr std::array<std::int8_t, 256> values = [] {
            std::array<std::int8_t, 256> all{};
            all.fill(-1);
            for (int i = 0; i < 64; ++i)
                all[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
            return all;
        }();
        while (in.ends_with('='))
            in.remove_suffix(1);
        std::size_t size = 0;
        std::uint32_t bits = 0;
        const auto add = [&](char c) {
            const int value = values[static_cast<unsigned char>(c)];
            if (value < 0)
                throw std::runtime_error("no base64");
            bits = bits << 6 | static_cast<std::uint32_t>(value);
        };
        std::size_t at = 0;
        for (; at + 4 <= in.size(); at += 4) {
            for (std::size_t i = 0; i < 4; ++i)
                add(in[at + i]);
            out[size++] = static_cast<std::byte>(bits >> 16);
            out[size++] = static_cast<std::byte>(bits >> 8);
            out[size++] = static_cast<std::byte>(bits);
        }
        const std::size_t rest = in.size() - at;
        for (; at < in.size(); ++at)
            add(in[at]);
        if (rest >= 2)
            out[size++] = static_cast<std::byte>(rest == 2 ? bits >> 4 : bits >> 10);
        if (rest == 3)
            out[size++] = static_cast<std::byte>(bits >> 2);
        return size;
    }
};

/// An object of RapidJSON with the same members as a line of json_format; times stay numbers. Neither side is told to look
/// for what is no UTF-8, as a Format does: that would slow RapidJSON down. Writer and reader keep their memory.
class bare_json {
public:
    static constexpr const char* name = "RapidJSON";

    std::size_t encode(const message& m, tusk::byte_span out) {
        memory_output to{reinterpret_cast<char*>(out.data())};
        writer_.Reset(to);
        writer_.StartObject();
        number("tusk", 1);
        text("type", "batch");
        number("index", m.index);
        number("count", 1);
        number("size", m.data.size());
        number("lead", 0);
        number("witness", m.witness);
        text("lead_crc", "00000000");
        text("crc", "00000000");
        key("entries");
        writer_.StartArray();
        writer_.StartObject();
        number("term", m.term);
        number("time", m.time);
        if (m.codec != 0) {
            number("codec", m.codec);
            number("raw_size", m.raw_size);
        }
        number("size", m.data.size());
        number("bytes", m.data.size());
        text("crc", "00000000");
        writer_.EndObject();
        writer_.EndArray();
        key("records");
        writer_.StartArray();
        writer_.StartObject();
        if (m.is_text) {
            text("text", tusk::to_text(m.data));
        } else {
            base64_.resize(m.data.size() / 3 * 4 + 4);
            text("base64", {base64_.data(), plain_base64::encode(m.data, base64_.data())});
        }
        writer_.EndObject();
        writer_.EndArray();
        writer_.EndObject();
        to.Put('\n');
        return static_cast<std::size_t>(to.at - reinterpret_cast<char*>(out.data()));
    }

    message decode(tusk::byte_view in, tusk::byte_span room) {
        handler found;
        found.room = room;
        rapidjson::MemoryStream from(reinterpret_cast<const char*>(in.data()), in.size());
        if (!reader_.Parse<rapidjson::kParseStopWhenDoneFlag>(from, found))
            throw std::runtime_error("no JSON");
        return found.read;
    }

private:
    struct memory_output {
        using Ch = char;
        char* at;

        void Put(char c) noexcept { *at++ = c; }
        void Flush() noexcept {}
    };

    /// The data is taken where the reader has it: in its own memory, up to the end of the call, so it is copied.
    struct handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, handler> {
        message read;
        std::string_view member;
        std::array<char, 16> name{};
        tusk::byte_span room;

        bool Key(const char* text, rapidjson::SizeType size, bool) {
            const std::size_t kept = std::min<std::size_t>(size, name.size());
            std::memcpy(name.data(), text, kept);
            member = {name.data(), kept};
            return true;
        }
        bool Uint(unsigned value) { return Uint64(value); }
        bool Uint64(std::uint64_t value) {
            if (member == "index")
                read.index = value;
            else if (member == "witness")
                read.witness = value;
            else if (member == "term")
                read.term = value;
            else if (member == "time")
                read.time = value;
            else if (member == "codec")
                read.codec = static_cast<std::uint8_t>(value);
            else if (member == "raw_size")
                read.raw_size = static_cast<std::uint32_t>(value);
            return true;
        }
        bool String(const char* text, rapidjson::SizeType size, bool) {
            if (member == "text") {
                std::memcpy(room.data(), text, size);
                read.data = room.first(size);
            } else if (member == "base64") {
                read.data = room.first(plain_base64::decode({text, size}, room));
            }
            return true;
        }
    };

    void key(std::string_view name_) { writer_.Key(name_.data(), static_cast<rapidjson::SizeType>(name_.size())); }
    void number(std::string_view name_, std::uint64_t value) {
        key(name_);
        writer_.Uint64(value);
    }
    void text(std::string_view name_, std::string_view value) {
        key(name_);
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }

    rapidjson::Writer<memory_output> writer_;
    rapidjson::Reader reader_;
    std::string base64_;
};

} // namespace bench
