#include <tusk/log/segment_files.hpp>

#include <log/fixture.hpp>

#include <tusk/format/binary.hpp>

#include <thread>

using namespace log_test;

namespace log_segment_files {

// Its second file cannot be closed.
struct stubborn_backend : memory_backend {
    struct file : memory_file {
        bool stubborn = false;
        [[nodiscard]] result<void> close() noexcept {
            const result<void> closed = memory_file::close();
            return stubborn ? result<void>(system_code(EIO)) : closed;
        }
    };
    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(auto made, memory_backend::create(name, size));
        return file{std::move(made)};
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(auto opened, memory_backend::open(name, purpose));
        return file{std::move(opened), name == std::string_view(segment_name(2).data())};
    }
};

// Three segments, which nobody writes, and what opens and closes them.
template<backend Backend = memory_backend>
struct three_segments {
    Backend directory;
    options opts = small_options();
    std::vector<segment_ptr<Backend>> known;
    segment_files<binary_format, Backend> files{directory, /*state=*/nullptr, opts};

    three_segments() {
        for (segment_t number = 1; number <= 3; ++number) {
            const std::string text = "segment " + std::to_string(number);
            const byte_view bytes = std::as_bytes(std::span(text));
            must(must(directory.create(segment_name(number).data(), text.size())).write(0, {&bytes, 1}));
            known.push_back(std::make_shared<segment<Backend>>());
            known.back()->number = number;
        }
    }
};

std::string text_of(const memory_file& f) {
    std::string text(must(f.size()), '.');
    text.resize(must(f.read(0, std::as_writable_bytes(std::span(text)))));
    return text;
}

} // namespace log_segment_files

using namespace log_segment_files;

BOOST_AUTO_TEST_SUITE(log_segment_files)

BOOST_FIXTURE_TEST_CASE(a_reader_that_has_a_file_keeps_it_when_the_others_are_closed, three_segments<>) {
    const auto first = must(files.file(*known[0]));
    (void)must(files.file(*known[1]));
    must(files.close(known));
    BOOST_TEST(text_of(*first) == "segment 1");
}

// Under ThreadSanitizer: nothing but the files themselves puts the two threads in order.
BOOST_FIXTURE_TEST_CASE(a_file_is_closed_behind_the_last_look_of_a_reader, three_segments<>) {
    std::string read;
    std::atomic<bool> has_read{false};
    std::jthread reader([&] {
        read = text_of(*must(files.file(*known[1])));
        has_read.store(true, std::memory_order_relaxed);
    });
    while (!has_read.load(std::memory_order_relaxed))
        std::this_thread::yield();
    must(files.close(known));
    reader.join();
    BOOST_TEST(read == "segment 2");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_closed_is_told_of_and_the_others_are_closed,
                        three_segments<stubborn_backend>) {
    std::vector<std::weak_ptr<stubborn_backend::file>> open;
    for (const auto& s : known)
        open.push_back(must(files.file(*s)));
    BOOST_TEST(fails_with(files.close(known), system_code(EIO)));
    for (const auto& file : open)
        BOOST_TEST(file.expired());
}

BOOST_AUTO_TEST_SUITE_END()
