#include <matrix/model.hpp>
#include <matrix/mortal_log.hpp>

namespace matrix {

namespace {

/// Every state that a log has been in, and how much of that was acknowledged.
struct history {
    std::vector<model> states{model{}};
    std::size_t acknowledged = 0;

    [[nodiscard]] const model& now() const { return states.back(); }
    [[nodiscard]] bool allows(const model& found) const {
        return std::find(states.begin() + static_cast<std::ptrdiff_t>(acknowledged), states.end(), found) !=
               states.end();
    }
};

/// A log in a process that may die, and verbs: false when it is dead.
class teller {
public:
    teller(const log_type& type, directory& disk, const mortal_type& mortal, const options& opts,
           std::shared_ptr<mortal_life> life)
        : type_(type), disk_(disk), mortal_(mortal), opts_(opts), life_(std::move(life)) {}

    [[nodiscard]] const history& past() const { return past_; }

    [[nodiscard]] bool open() {
        recovery_report report;
        auto opened = mortal_.open(mortal_backend(type_.make_backend(disk_), life_), opts_, report);
        if (!returned(opened))
            return false;
        wal_ = std::move(opened).value();
        return true;
    }
    [[nodiscard]] bool close() {
        const bool closed = returned(wal_->close());
        wal_.reset();
        return closed;
    }
    [[nodiscard]] bool append(std::size_t size, term_t more = 0) {
        model next = past_.now();
        const items one = add(next, 1, size, more);
        past_.states.push_back(next);
        return returned(wal_->append(one.front().record()));
    }
    [[nodiscard]] bool batch(std::size_t count, std::size_t size) {
        model next = past_.now();
        const items some = add(next, count, size, 0);
        past_.states.push_back(next);
        return returned(wal_->append_batch(records_of(some)));
    }
    [[nodiscard]] bool truncate(index_t keep) {
        model next = past_.now();
        next.cut(keep);
        past_.states.push_back(next);
        return returned(wal_->truncate(keep));
    }
    [[nodiscard]] bool replace(index_t first, std::size_t count, std::size_t size, term_t more) {
        model next = past_.now();
        next.cut(first - 1);
        const items some = add(next, count, size, more);
        past_.states.push_back(next);
        return returned(wal_->replace_from(first, records_of(some)));
    }
    [[nodiscard]] bool drop(index_t first) {
        model next = past_.now();
        next.drop(first);
        past_.states.push_back(next);
        return returned(wal_->drop_before(first));
    }
    [[nodiscard]] bool reset(index_t index, term_t previous) {
        past_.states.push_back({.first = index, .previous = previous, .all = {}});
        return returned(wal_->reset(index, previous));
    }
    [[nodiscard]] bool roll() { return returned(wal_->roll()); }
    [[nodiscard]] bool sync() { return returned(wal_->sync()); }

private:
    // From a call, if there is still somebody to return to: then what was done is acknowledged.
    template<class Result>
    [[nodiscard]] bool returned(const Result& r) {
        if (life_->over())
            return false;
        if (!r)
            BOOST_FAIL(r.error().message());
        life_->store();
        past_.acknowledged = past_.states.size() - 1;
        return true;
    }

    // Every other one is noise, which no codec makes smaller.
    static item make(index_t index, std::size_t size, term_t term) {
        item one{.text = sample(index, size), .key = "key " + std::to_string(index), .term = term};
        std::minstd_rand random(static_cast<unsigned>(index));
        if (index % 2 == 0)
            std::generate(one.text.begin(), one.text.end(), [&] { return static_cast<char>(random() >> 8); });
        return one;
    }
    static items add(model& to, std::size_t count, std::size_t size, term_t more) {
        const term_t term = to.last_term() + more;
        items some;
        for (; count > 0; --count) {
            some.push_back(make(to.next(), size, term));
            to.all.push_back(some.back());
        }
        return some;
    }

    const log_type& type_;
    directory& disk_;
    const mortal_type& mortal_;
    const options& opts_;
    std::shared_ptr<mortal_life> life_;
    history past_;
    std::unique_ptr<any_log> wal_;
};

/// All that a log does, once, in segments that are soon full.
bool tell(teller& story) {
    return story.open() && story.append(100, 1) && story.batch(5, 400) && story.truncate(4) && story.append(200, 1) &&
           story.roll() && story.batch(3, 300) && story.replace(4, 3, 200, 2) && // over the edge of a segment
           story.append(5000) &&                                                 // more than a segment holds
           story.drop(3) && story.close() && story.open() && story.append(100) && story.batch(4, 900) && story.sync() &&
           story.drop(9) && story.truncate(10) && story.append(300, 1) && story.reset(50, 9) && story.append(100) &&
           story.batch(6, 900) && story.drop(52) && story.append(100, 1) && story.close();
}

model contents_of(any_log& log) {
    model out;
    out.first = std::max<index_t>(must(log.first_index()), 1);
    out.previous = must(log.term_at(out.first - 1));
    for (const entry& e : must(log.get_range(0, UINT64_MAX)))
        out.all.push_back(item_of(e));
    BOOST_REQUIRE(must(log.next_index()) == out.next());
    return out;
}

/// A log that has just been opened: what it holds.
model look(any_log& log, const recovery_report& report, bool may_repair) {
    BOOST_REQUIRE(report.lost_entries == 0U);
    BOOST_REQUIRE(may_repair || !report.repaired);
    BOOST_REQUIRE(must(log.verify()).sound());
    return contents_of(log);
}

/// First the log itself opens what is left. Once that has made all durable, the others leave the disk in peace.
void look_after_death(const log_type& type, directory& disk, const mortal_type& mortal, const options& opts,
                      const history& past) {
    recovery_report report;
    auto opened = type.open(disk, opts, report);
    if (!opened)
        BOOST_FAIL(opened.error().message() + ": " + report.message);
    model found = look(*opened.value(), report, /*may_repair=*/true);
    BOOST_REQUIRE_MESSAGE(past.allows(found), "found " << found << "\nacknowledged " << past.states[past.acknowledged]
                                                       << "\nlast " << past.now());
    disk.forget([&] { opened.value().reset(); });

    const auto open_again = [&] {
        report = {};
        mortal_backend on(type.make_backend(disk), std::make_shared<mortal_life>());
        auto log = must(mortal.open(std::move(on), opts, report));
        BOOST_REQUIRE(look(*log, report, /*may_repair=*/false) == found);
        return log;
    };
    const auto log = open_again();
    found.all.push_back({.text = "afterwards", .key = "", .term = found.last_term()});
    BOOST_REQUIRE(must(log->append(found.all.back().record())) == found.next() - 1);
    must(log->close());
    (void)open_again();
}

} // namespace

void what_was_acknowledged_outlives_the_process(const log_type& type, const std::vector<mortal_type>& mortals) {
    const auto mortal = std::find_if(mortals.begin(), mortals.end(), [&](const auto& m) { return m.is_for(type); });
    BOOST_REQUIRE((mortal != mortals.end()));
    options opts;
    opts.segment_size = min_segment_size;
    opts.spare_segments = 0;
    opts.background = background::inline_(); // the same calls each time
    const auto live = [&](directory& disk, const std::shared_ptr<mortal_life>& life) {
        teller story(type, disk, *mortal, opts, life);
        BOOST_REQUIRE(tell(story) == !life->over());
        return story.past();
    };
    const auto whole = std::make_shared<mortal_life>();
    const auto disk = type.make_directory();
    const history past = live(*disk, whole);
    BOOST_REQUIRE(past.acknowledged + 1 == past.states.size());
    look_after_death(type, *disk, *mortal, opts, past);

    constexpr std::uint64_t deaths = 14;
    const std::uint64_t own = std::hash<std::string_view>()(type.policy) ^ std::hash<std::string_view>()(type.backend) ^
                              std::hash<std::string_view>()(type.compression); // so that all together die everywhere
    for (std::uint64_t i = 0; i < deaths; ++i) {
        const std::uint64_t call = 1 + (i * whole->calls() + own % whole->calls()) / deaths;
        const auto how = static_cast<death>((i + own) % 3);
        BOOST_TEST_CONTEXT("died at call " << call << " of " << whole->calls() << ", " << static_cast<int>(how)
                                           << " halves done") {
            const auto hurt = type.make_directory();
            const history torn = live(*hurt, std::make_shared<mortal_life>(call, how));
            look_after_death(type, *hurt, *mortal, opts, torn);
        }
    }
}

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_crash)

using namespace matrix;

// A file of a process that dies in its second call.
struct fixture {
    in_memory disk;
    std::shared_ptr<mortal_life> life;
    std::optional<mortal_backend> mortal;

    explicit fixture(death how) : life(std::make_shared<mortal_life>(2, how)) {
        mortal.emplace(std::make_unique<any_backend_of<memory_backend>>(disk.backend()), life);
    }
    [[nodiscard]] mortal_file create() { return must(mortal->create("file", 4)); }
};

constexpr std::array deaths{death::before, death::within, death::behind};

BOOST_AUTO_TEST_CASE(a_write_arrives_as_far_as_its_process_has_come) {
    const std::array<std::string, 3> left{std::string(4, '\0'), std::string("abc\0", 4), "abcdef"};
    for (std::size_t i = 0; i < deaths.size(); ++i) {
        fixture f(deaths[i]);
        mortal_file file = f.create();
        const std::array pieces{to_bytes("ab"), to_bytes("cdef")};
        BOOST_TEST(!file.write(0, pieces));
        BOOST_TEST(f.life->over());
        BOOST_TEST(f.disk.read("file") == left[i]);
        BOOST_TEST(!file.write(0, pieces));
        BOOST_TEST(!file.size());
        BOOST_TEST(!f.mortal->remove("file"));
        BOOST_TEST(f.disk.read("file") == left[i]);
    }
}

BOOST_AUTO_TEST_CASE(who_dies_behind_a_call_has_made_it) {
    for (const death how : deaths) {
        fixture f(how);
        const mortal_file file = f.create();
        BOOST_TEST(!f.mortal->rename("file", "other"));
        BOOST_TEST(f.disk.has("other") == (how == death::behind));
        BOOST_TEST(f.disk.has("file") == (how != death::behind));
    }
}

// In memory, with a window.
struct windowed_file {
    std::string* bytes;

    [[nodiscard]] result<std::uint64_t> size() const noexcept { return bytes->size(); }
    [[nodiscard]] result<std::size_t> read(std::uint64_t, byte_span) const noexcept { return 0U; }
    [[nodiscard]] result<void> write(std::uint64_t, std::span<const byte_view>) noexcept { return success(); }
    [[nodiscard]] result<void> sync() noexcept { return success(); }
    [[nodiscard]] result<void> trim(std::uint64_t) noexcept { return success(); }
    [[nodiscard]] result<void> close() noexcept { return success(); }
    [[nodiscard]] byte_span window(std::uint64_t at, std::size_t size) noexcept {
        return std::as_writable_bytes(std::span(*bytes))
            .subspan(static_cast<std::size_t>(at))
            .first(std::min(size, bytes->size() - static_cast<std::size_t>(at)));
    }
};

BOOST_AUTO_TEST_CASE(what_is_put_into_a_window_arrives_with_the_next_call) {
    const std::array<std::string, 3> left{"abc     ", "abcde   ", "abcdefg "};
    for (std::size_t i = 0; i < deaths.size(); ++i) {
        std::string bytes(8, ' ');
        const auto life = std::make_shared<mortal_life>(2, deaths[i]);
        mortal_file file(std::make_unique<any_file_of<windowed_file>>(windowed_file{&bytes}), life);
        const byte_span window = file.window(0, 100);
        BOOST_REQUIRE(window.size() == 8U);
        const auto put = [&](std::size_t at, std::string_view text) {
            const byte_view piece = to_bytes(text);
            std::copy(piece.begin(), piece.end(), window.begin() + static_cast<std::ptrdiff_t>(at));
        };
        put(0, "abc");
        BOOST_TEST(bytes == "        ");
        must(file.sync());
        BOOST_TEST(bytes == "abc     ");
        put(3, "defg");
        BOOST_TEST(!file.sync());
        BOOST_TEST(bytes == left[i]);
        put(7, "h"); // by one who is dead
        BOOST_TEST(!file.sync());
        BOOST_TEST(bytes == left[i]);
    }
}

BOOST_AUTO_TEST_SUITE_END()
