#include <matrix/model.hpp>

#include <set>
#include <sstream>

namespace matrix {

log_types every_log() {
    log_types out;
    for (const auto some : {binary_posix, binary_mmap, binary_uring, binary_memory, json_posix, json_mmap, json_uring,
                            json_memory, protobuf_posix, protobuf_mmap, protobuf_uring, protobuf_memory})
        for (const log_type& t : some())
            out.push_back(t);
    return out;
}

log_types logs_of(std::string_view format) {
    log_types out = every_log();
    std::erase_if(out, [&](const log_type& t) { return t.format != format; });
    return out;
}

namespace {

/// A log of any type, opened as often as the test likes, as that type or another one.
struct fixture {
    explicit fixture(const log_type& t, std::uint32_t spares = 0) : type(t), disk(t.make_directory()) {
        opts.segment_size = min_segment_size;
        opts.spare_segments = spares;            // each takes syncs, and there are many logs
        opts.background = background::inline_(); // nothing depends on the time
        open();
    }

    [[nodiscard]] result<void> try_open_as(const log_type& t) {
        log.reset();
        TUSK_TRY(log, t.open(*disk, opts, report));
        return success();
    }
    void open_as(const log_type& t) {
        const result<void> opened = try_open_as(t);
        if (!opened)
            BOOST_FAIL(opened.error().message() + ": " + report.message);
    }
    void open() { open_as(type); }
    void close() {
        must(log->close());
        log.reset();
    }
    /// What a process that is killed leaves: its files as they are, with the log open.
    void kill() {
        disk->forget([this] { log.reset(); });
    }
    void append_samples(std::size_t count) {
        for (; count > 0; --count)
            must(log->append(record_view(sample(must(log->next_index()), sample_size))));
    }
    /// For less than a sync each.
    void append_many_samples(std::size_t count) {
        for (std::size_t some = 0; count > 0; count -= some) {
            some = std::min<std::size_t>(count, 7);
            const index_t next = must(log->next_index());
            texts batch;
            for (index_t i = next; i < next + some; ++i)
                batch.push_back(sample(i, sample_size));
            must(log->append_batch(std::vector<record_view>(batch.begin(), batch.end())));
        }
    }
    [[nodiscard]] static texts samples_to(index_t last) {
        texts out;
        for (index_t i = 1; i <= last; ++i)
            out.push_back(sample(i, sample_size));
        return out;
    }
    [[nodiscard]] texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
    void holds(const texts& expected) { BOOST_TEST(all() == expected, boost::test_tools::per_element()); }

    /// The last byte of a segment that was written to, and its offset.
    [[nodiscard]] std::size_t last_byte(const std::string& name) const {
        const std::string bytes = disk->read(name);
        return bytes.find_last_not_of(fill());
    }
    void flip(const std::string& name, std::size_t at) {
        const char flipped = static_cast<char>(disk->read(name).at(at) ^ 1);
        disk->write(name, at, {&flipped, 1});
    }
    [[nodiscard]] char fill() const { return type.format == std::string_view("json_format") ? '\n' : '\0'; }

    /// Does not open in any mode, and no byte of it is changed.
    void refuses(const log_type& t, errc why, const std::string& message) {
        const file_contents before = disk->contents();
        for (const open_mode mode : {open_mode::strict, open_mode::read_only, open_mode::salvage}) {
            opts.mode = mode;
            BOOST_TEST(fails_with(try_open_as(t), why));
            BOOST_TEST(report.message.find(message) != std::string::npos, report.message);
            BOOST_TEST((disk->contents() == before));
        }
        opts.mode = open_mode::strict;
    }

    static constexpr std::size_t sample_size = 200; // so much of one thing that every codec makes less of it
    log_type type;
    std::unique_ptr<directory> disk;
    options opts;
    recovery_report report;
    std::unique_ptr<any_log> log;
};

// ---- what is there ----

void what_was_appended_is_there_after_a_kill_and_after_a_close(const log_type& t) {
    fixture f(t, 1);
    f.append_samples(4);
    f.append_many_samples(28);
    must(f.log->roll());
    f.append_many_samples(28);
    must(f.log->roll());
    const std::string large(10000, 'x');
    must(f.log->append_batch(records({"a", "", large})));
    BOOST_TEST(f.log->compressed() == (t.codec == codec::none ? 0U : 61U));
    texts expected = f.samples_to(60);
    expected.insert(expected.end(), {"a", "", large});
    f.holds(expected);
    f.kill();
    f.open();
    f.holds(expected);
    BOOST_TEST(must(f.log->verify()).sound());
    f.close();
    f.open();
    BOOST_TEST(f.report.unproven_entries == 0U);
    f.holds(expected);
    BOOST_TEST(f.disk->segments().size() >= 3U);
}

void a_life_of_many_steps_goes_as_its_model_says(const log_type& t) {
    fixture f(t, 1);
    random_life life(7);
    for (int step = 1; step <= 45; ++step) {
        life.step(*f.log);
        if (step % 30 == 0)
            f.close();
        else if (step % 15 == 0)
            f.kill();
        if (!f.log)
            f.open();
        if (step % 5 == 0)
            life.check(*f.log);
    }
    BOOST_TEST(must(f.log->verify()).sound());
}

void what_cannot_be_done_is_refused_for_the_same_reason(const log_type& t) {
    fixture f(t);
    must(f.log->append(record_view("a", "", 3)));
    f.append_samples(3);
    must(f.log->drop_before(2));
    BOOST_TEST(fails_with(f.log->append(record_view("b", "", 2)), errc::term_regressed));
    BOOST_TEST(fails_with(f.log->append(record_view("b"), {.expect_index = 4}), errc::index_mismatch));
    BOOST_TEST(fails_with(f.log->append_batch({}), errc::invalid_argument));
    BOOST_TEST(fails_with(f.log->replace_from(1, records({"b"})), errc::dropped));
    BOOST_TEST(fails_with(f.log->replace_from(6, records({"b"})), errc::beyond_end));
    BOOST_TEST(fails_with(f.log->truncate(0), errc::dropped));
    BOOST_TEST(fails_with(f.log->drop_before(6), errc::beyond_end));
    BOOST_TEST(fails_with(f.log->read_from(1), errc::dropped));
    BOOST_TEST(fails_with(f.log->read_from(6), errc::beyond_end));
    BOOST_TEST(must(f.log->next_index()) == 5U);
    recovery_report other;
    BOOST_TEST(fails_with(t.open(*f.disk, f.opts, other), errc::busy));
    must(f.log->close());
    BOOST_TEST(fails_with(f.log->append(record_view("b")), errc::closed));
    BOOST_TEST(fails_with(f.log->get(2), errc::closed));
    f.opts.max_record_size = 199;
    f.open();
    BOOST_TEST(fails_with(f.log->append(record_view(sample(5, 200))), errc::too_large));
    BOOST_TEST(must(f.log->get(4)).text() == sample(4, 200));
}

void an_append_is_durable_when_its_policy_says_so(const log_type& t) {
    fixture f(t);
    f.append_samples(5);
    BOOST_TEST(must(f.log->durable_index()) == (t.append_waits ? 5U : 0U));
    must(f.log->sync());
    BOOST_TEST(must(f.log->durable_index()) == 5U);
    f.append_samples(1);
    must(f.log->append(record_view(sample(7)), {.wait = durability::durable}));
    BOOST_TEST(must(f.log->durable_index()) == 7U);
}

void one_who_only_reads_sees_what_the_writer_writes_and_changes_nothing(const log_type& t) {
    fixture f(t);
    f.append_samples(3);
    const file_contents before = f.disk->contents();
    options reading = f.opts;
    reading.mode = open_mode::read_only;
    recovery_report report;
    const auto beside = must(t.open(*f.disk, reading, report));
    BOOST_TEST(must(beside->last_index()) == 3U);
    BOOST_TEST(fails_with(beside->append(record_view("x")), errc::read_only));
    BOOST_TEST((f.disk->contents() == before));
    f.append_many_samples(40);
    const auto found = must(beside->read_from(1));
    BOOST_REQUIRE(found.size() == 43U);
    for (index_t i = 1; i <= 43; ++i)
        BOOST_TEST(found[i - 1].text() == sample(i, f.sample_size));
}

// ---- crashes ----

void of_a_torn_tail_the_rest_is_there(const log_type& t) {
    for (const bool cut : {false, true}) {
        fixture f(t);
        f.append_many_samples(7);
        f.append_samples(3);
        f.kill();
        const std::string name = f.disk->segments().back();
        const std::size_t last = f.last_byte(name);
        if (cut)
            f.disk->write(name, last - 20, std::string(21, f.fill()));
        else
            f.flip(name, last);
        f.open();
        BOOST_TEST(f.report.dropped_bytes > 0U);
        const index_t kept = must(f.log->last_index());
        BOOST_TEST(kept == 9U);
        f.holds(f.samples_to(kept));
        f.append_samples(3);
        f.kill(); // of what was kept and what came later, nothing goes again
        f.open();
        f.holds(f.samples_to(12));
        BOOST_TEST(must(f.log->verify()).sound());
    }
}

void damage_in_what_was_durable_is_refused_or_salvaged(const log_type& t) {
    fixture f(t);
    f.append_samples(4);
    must(f.log->sync());
    f.append_samples(1); // bears witness to it
    f.kill();
    const std::string name = f.disk->segments().front();
    f.flip(name, f.last_byte(name) / 2);
    const file_contents before = f.disk->contents();
    BOOST_TEST(fails_with(f.try_open_as(t), errc::corrupt));
    BOOST_TEST((f.disk->contents() == before));
    f.opts.mode = open_mode::salvage;
    f.open();
    BOOST_TEST(f.report.lost_entries == 1U);
    std::size_t lost = 0;
    for (index_t i = 1; i <= 5; ++i) {
        const auto e = f.log->get(i);
        if (e)
            BOOST_TEST(e.value().text() == sample(i, f.sample_size));
        else
            lost += fails_with(e, errc::lost) ? 1U : 0U;
    }
    BOOST_TEST(lost == 1U);
}

// ---- as what it may be opened ----

void another_format_is_refused_and_no_byte_changes(const log_type& t) {
    fixture f(t);
    f.append_many_samples(30);
    f.close();
    std::size_t others = 0;
    for (const bool killed : {false, true}) {
        if (killed) {
            f.open();
            f.append_samples(1);
            f.kill();
        }
        for (const log_type& other : every_log())
            if (other.backend == t.backend && other.format != t.format && other.policy == t.policy &&
                other.compression == t.compression) {
                f.refuses(other, errc::wrong_format,
                          "the log was written with " + std::string(t.format) + ", not " + std::string(other.format));
                ++others;
            }
    }
    BOOST_TEST(others == 4U);
    f.open();
    f.holds(f.samples_to(31));
}

void a_compression_that_cannot_read_it_is_refused_and_no_byte_changes(const log_type& t) {
    fixture f(t);
    f.append_many_samples(30);
    f.close();
    for (const log_type& other : every_log()) {
        if (other.backend != t.backend || other.format != t.format || other.policy != t.policy ||
            other.compression == t.compression)
            continue;
        if (t.codec != codec::none) {
            f.refuses(other, errc::wrong_compression, "which the compression that was chosen cannot read");
            continue;
        }
        fixture upgraded(t);
        upgraded.append_many_samples(5);
        upgraded.close();
        upgraded.open_as(other);
        upgraded.append_many_samples(5);
        BOOST_TEST(upgraded.log->compressed() == 5U);
        upgraded.holds(f.samples_to(10));
        upgraded.close();
        upgraded.refuses(t, errc::wrong_compression, "which the compression that was chosen cannot read");
        upgraded.open_as(other);
        upgraded.holds(f.samples_to(10));
    }
    f.open();
    f.holds(f.samples_to(30));
}

void every_policy_and_every_backend_on_files_reads_it(const log_type& t) {
    fixture f(t);
    f.append_many_samples(30);
    f.close();
    f.opts.mode = open_mode::read_only;
    std::size_t others = 0;
    for (const log_type& other : every_log())
        if (other.in_memory() == t.in_memory() && other.format == t.format &&
            (other.codec == t.codec || t.codec == codec::none)) {
            BOOST_TEST_CONTEXT(other) {
                f.open_as(other);
                f.holds(f.samples_to(30));
                ++others;
            }
        }
    BOOST_TEST(others == (t.in_memory() ? 3U : 9U) * (t.codec == codec::none ? 3U : 1U));
}

} // namespace

std::vector<behaviour> behaviours() {
    return {
        {"what_was_appended_is_there_after_a_kill_and_after_a_close",
         what_was_appended_is_there_after_a_kill_and_after_a_close},
        {"a_life_of_many_steps_goes_as_its_model_says", a_life_of_many_steps_goes_as_its_model_says},
        {"what_cannot_be_done_is_refused_for_the_same_reason", what_cannot_be_done_is_refused_for_the_same_reason},
        {"an_append_is_durable_when_its_policy_says_so", an_append_is_durable_when_its_policy_says_so},
        {"one_who_only_reads_sees_what_the_writer_writes_and_changes_nothing",
         one_who_only_reads_sees_what_the_writer_writes_and_changes_nothing},
        {"of_a_torn_tail_the_rest_is_there", of_a_torn_tail_the_rest_is_there},
        {"damage_in_what_was_durable_is_refused_or_salvaged", damage_in_what_was_durable_is_refused_or_salvaged},
        {"another_format_is_refused_and_no_byte_changes", another_format_is_refused_and_no_byte_changes},
        {"a_compression_that_cannot_read_it_is_refused_and_no_byte_changes",
         a_compression_that_cannot_read_it_is_refused_and_no_byte_changes},
        {"every_policy_and_every_backend_on_files_reads_it", every_policy_and_every_backend_on_files_reads_it},
    };
}

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_behaviours)

BOOST_AUTO_TEST_CASE(there_are_three_formats_three_policies_four_backends_and_three_compressions_in_every_combination) {
    std::set<std::string> different;
    for (const matrix::log_type& t : matrix::every_log()) {
        std::ostringstream name;
        name << t;
        different.insert(name.str());
    }
    BOOST_TEST(different.size() == 3U * 3U * 4U * 3U);
    BOOST_TEST(matrix::every_log().size() == different.size());
}

BOOST_AUTO_TEST_SUITE_END()
