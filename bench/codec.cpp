// What does each Format and Compression cost for one record, beside the libraries that do the work?
#include "coders.hpp"
#include "statistics.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

// The libraries that the headers above bring; these lines link them.
#include <lz4.h>
#include <protozero/types.hpp>
#include <rapidjson/rapidjson.h>
#include <tusk/format/json.hpp>
#include <zstd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>

namespace {

using bench::checksums;
using bench::content;

/// Something that is done with each of the samples in turn.
struct work {
    std::function<void()> all_once;
    std::size_t count; ///< of the samples
    std::size_t passes = 1;
    std::vector<double> times; ///< nanoseconds for one, round by round

    work(std::function<void()> f, std::size_t samples) : all_once(std::move(f)), count(samples) {}

    /// Keeps the compiler from leaving out what nobody looks at.
    static void settle() noexcept { asm volatile("" ::: "memory"); }

    [[nodiscard]] double time() const {
        all_once(); // what was done in between has other bytes in the caches
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < passes; ++i) {
            all_once();
            settle();
        }
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
        return taken.count() / static_cast<double>(passes * count);
    }

    /// Makes a round about as long as told.
    void calibrate(double nanoseconds) {
        const double once = std::min(time(), time()) * static_cast<double>(count);
        passes = std::max<std::size_t>(1, static_cast<std::size_t>(nanoseconds / once));
    }
};

/// One after the other, in rounds; who begins changes, so that nobody is always the one behind the same other.
void interleave(const std::vector<work*>& all, unsigned rounds) {
    for (work* w : all)
        w->calibrate(30'000);
    for (unsigned round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < all.size(); ++i) {
            work& w = *all[(i + round) % all.size()];
            w.times.push_back(w.time());
        }
}

/// How many times as long as the other, by rounds.
double ratio(const work& one, const work& other) {
    std::vector<double> values;
    for (std::size_t i = 0; i < one.times.size(); ++i)
        values.push_back(one.times[i] / other.times[i]);
    return bench::median(std::move(values));
}

/// The samples, and what a coder makes of them.
template<class Coder>
class coded {
public:
    explicit coded(const bench::samples& records)
        : records_(records),
          coder_(records),
          room_(2 * records.size() + 2 * bench::message_room),
          frames_(records.count() * room_),
          sizes_(records.count()),
          decoded_(2 * room_) {}

    void encode() {
        for (std::size_t i = 0; i < records_.count(); ++i)
            sizes_[i] = coder_.encode(records_[i], tusk::byte_span(frames_).subspan(i * room_, room_));
    }
    void decode() {
        for (std::size_t i = 0; i < records_.count(); ++i)
            if (decode(i).size() != records_.size())
                throw std::runtime_error("what was written cannot be read");
    }
    /// Bytes of a frame, the mean.
    [[nodiscard]] double bytes() const {
        return static_cast<double>(std::accumulate(sizes_.begin(), sizes_.end(), std::size_t{0})) /
               static_cast<double>(sizes_.size());
    }
    void require_all_back() {
        for (std::size_t i = 0; i < records_.count(); ++i)
            if (!tusk::same_bytes(decode(i), records_[i]))
                throw std::runtime_error("what is read is not what was written");
    }

private:
    tusk::byte_view decode(std::size_t i) {
        return coder_.decode(tusk::byte_view(frames_).subspan(i * room_, sizes_[i]), decoded_);
    }

    const bench::samples& records_;
    Coder coder_;
    std::size_t room_;
    std::vector<std::byte> frames_; // touched
    std::vector<std::size_t> sizes_;
    std::vector<std::byte> decoded_;
};

/// Encodes and decodes; before that, shows that the data comes back.
struct contender {
    work encode;
    work decode;
    double bytes;

    template<class Coder>
    static contender make(const bench::samples& records) {
        const auto c = std::make_shared<coded<Coder>>(records);
        c->encode();
        c->require_all_back();
        return {work([c] { c->encode(); }, records.count()), work([c] { c->decode(); }, records.count()), c->bytes()};
    }
};

constexpr double goal = 1.5;

template<class Format, class Message, class Compression, class Codec>
void print_cell(const bench::samples& records, unsigned rounds) {
    contender format = contender::make<bench::format_coder<Format, Compression>>(records);
    contender bare = contender::make<bench::bare_coder<Message, Codec, checksums::none>>(records);
    contender summed = contender::make<bench::bare_coder<Message, Codec, checksums::two>>(records);
    interleave({&format.encode, &bare.encode, &summed.encode}, rounds);
    interleave({&format.decode, &bare.decode, &summed.decode}, rounds);
    const auto side = [](const work& f, const work& b, const work& s) {
        const double times = ratio(f, s);
        return fmt::format("{:7.0f} | {:7.0f} | {:7.0f} | {:5.2f}{}", bench::median(f.times), bench::median(b.times),
                           bench::median(s.times), times, times > goal ? " !" : "  ");
    };
    fmt::print(
        "| {:5} | {:9} | {:8} | {:4} | {:7.0f} | {:7.0f} | {} | {} |\n", records.size(), bench::name_of(records.what()),
        std::string_view(Format::name).substr(0, std::string_view(Format::name).find('_')), Codec::name, format.bytes,
        summed.bytes, side(format.encode, bare.encode, summed.encode), side(format.decode, bare.decode, summed.decode));
    std::fflush(stdout);
}

template<class Format, class Message>
void print_format(const bench::samples& records, unsigned rounds) {
    print_cell<Format, Message, tusk::no_compression, bench::bare_raw>(records, rounds);
    if (records.what() != content::words)
        return; // what is compressed is the same to a Format, whatever it was
    print_cell<Format, Message, tusk::lz4_compression, bench::bare_lz4>(records, rounds);
    print_cell<Format, Message, tusk::zstd_compression, bench::bare_zstd>(records, rounds);
}

void print_formats(const std::vector<std::size_t>& sizes, unsigned rounds) {
    fmt::print(
        "| bytes | of        | format   | codec | frame | bare  | encode ns | bare | with CRC | ratio | decode ns | "
        "bare | with CRC | ratio |\n|--:|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (const std::size_t size : sizes)
        for (const content what : {content::words, content::documents, content::noise}) {
            const bench::samples records(what, size);
            if (what == content::words) {
                print_format<tusk::binary_format, bench::bare_binary>(records, rounds);
                print_format<tusk::protobuf_format, bench::bare_protobuf>(records, rounds);
            }
            print_format<tusk::json_format, bench::bare_json>(records, rounds);
        }
}

/// What an append of 100 bytes costs before it meets a lock or a file.
void print_smallest(unsigned rounds) {
    constexpr std::size_t size = 100;
    constexpr double most = 60;
    const bench::samples records(content::noise, size);
    std::vector<std::byte> out(records.count() * 256);
    const auto each = [&](auto f) {
        const auto all = [&, f] {
            for (std::size_t i = 0; i < records.count(); ++i)
                f(records[i], tusk::byte_span(out).subspan(i * 256, 256));
        };
        return work(all, records.count());
    };
    work copied = each([](tusk::byte_view in, tusk::byte_span to) { std::memcpy(to.data(), in.data(), size); });
    work summed = each([](tusk::byte_view in, tusk::byte_span to) {
        std::memcpy(to.data() + 48, in.data(), size);
        tusk::store_le(to.data() + 24, tusk::crc32c(to.subspan(48, size)));
        tusk::store_le(to.data() + 28, tusk::crc32c(to.first(48)));
    });
    bench::format_coder<tusk::binary_format, tusk::no_compression> coder(records);
    work encoded = each([&](tusk::byte_view in, tusk::byte_span to) { coder.encode(in, to); });
    interleave({&copied, &summed, &encoded}, rounds);
    fmt::print("| 100 bytes into touched memory | ns | of memcpy | of {} ns |\n|---|--:|--:|--:|\n", most);
    const auto print = [&](const char* name, const work& w) {
        fmt::print("| {:52} | {:5.1f} | {:5.1f} | {:4.2f} |\n", name, bench::median(w.times), ratio(w, copied),
                   bench::median(w.times) / most);
    };
    print("memcpy", copied);
    print("memcpy and CRC-32C of them and of 48 bytes more", summed);
    print("binary_format: size, encode and stamp, two checksums", encoded);
}

} // namespace

int main(int argc, char** argv) {
    unsigned rounds = 301;
    std::vector<std::size_t> sizes{100, 1024, 16384};
    bool quick = false;
    CLI::App app("Encoding and decoding one record in each Format and Compression, beside the bare libraries.");
    app.add_option("--rounds", rounds, "times that everything is run")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000));
    app.add_option("--sizes", sizes, "bytes of a record")->check(CLI::Range(48, 1 << 20));
    app.add_flag("--quick", quick, "a few rounds: whether it works, not how fast it is");
    CLI11_PARSE(app, argc, argv);
    try {
        rounds = quick ? 5 : rounds;
        fmt::print("Encoding and decoding: medians of {} rounds.\n\n", rounds);
        print_formats(sizes, rounds);
        fmt::print("\n");
        print_smallest(rounds);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "\n{}\n", failure.what());
        return 1;
    }
    return 0;
}
