#include <tusk/log/basic_wal.hpp>

#include <archetype/backend.hpp>
#include <archetype/compression.hpp>
#include <archetype/format.hpp>
#include <archetype/fsync_policy.hpp>

#include <boost/test/unit_test.hpp>

using namespace tusk;
using namespace archetype;

namespace archetype_wal {

using bare_wal = basic_wal<bare_format, bare_fsync_policy, bare_backend, bare_compression>;

/// A log on archetypes alone, which needs nothing from its policies but what the concepts name.
class bare_log {
public:
    bare_wal open() {
        result<bare_wal> log = bare_wal::open(bare_backend(memory_backend(files_)), {.segment_size = min_segment_size},
                                              bare_fsync_policy(nanoseconds(0)), bare_compression(true));
        BOOST_REQUIRE_MESSAGE(log.has_value(), (log ? std::string() : log.error().message()));
        return std::move(log).value();
    }

private:
    memory_backend::directory files_ = memory_backend().share();
};

} // namespace archetype_wal

BOOST_AUTO_TEST_SUITE(archetype_wal)

BOOST_AUTO_TEST_CASE(a_log_needs_no_more_than_the_concepts_name) {
    bare_log where;
    {
        bare_wal log = where.open();
        for (index_t i = 1; i <= 200; ++i)
            BOOST_TEST(log.append(std::to_string(i)).value() == i);
        BOOST_TEST(log.append(std::string(1000, 'x')).value() == 201U);
        BOOST_TEST(log.durable_index().value() == 201U);
        BOOST_TEST(log.truncate(150).has_value());
        BOOST_TEST(log.drop_before(20).has_value());
        BOOST_TEST(log.append(std::string(2000, 'y')).value() == 151U);
        BOOST_TEST(log.close().has_value());
    }
    bare_wal log = where.open();
    BOOST_TEST(log.first_index().value() == 20U);
    BOOST_TEST(log.last_index().value() == 151U);
    BOOST_TEST(log.get(20).value().text() == "20");
    BOOST_TEST(log.get(150).value().text() == "150");
    BOOST_TEST(log.get(151).value().text() == std::string(2000, 'y'));
    BOOST_TEST(log.verify().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
