#include <tusk/format/protobuf_message.hpp>

#include <allocations.hpp>
#include <log/fixture.hpp>

#include <google/protobuf/message_lite.h>

#include <orders.pb.h>

using namespace log_test;

namespace {

static_assert(protobuf_message<orders::Order>);
static_assert(protobuf_message<google::protobuf::MessageLite>);
static_assert(!protobuf_message<std::string>);

orders::Order order(std::uint64_t number, int items) {
    orders::Order out;
    out.set_number(number);
    for (int i = 1; i <= items; ++i) {
        orders::Item* const item = out.add_items();
        item->set_name("item " + std::to_string(i));
        item->set_count(static_cast<std::uint32_t>(i));
    }
    return out;
}

bool same(const orders::Order& a, const orders::Order& b) { return a.SerializeAsString() == b.SerializeAsString(); }

/// A message of another library that can do the same: its content is what it was made of.
struct plain_message {
    std::string text;
    std::size_t claimed_size = 0; // if not 0

    [[nodiscard]] std::size_t ByteSizeLong() const { return claimed_size != 0 ? claimed_size : text.size(); }
    bool SerializeToArray(void* out, int size) const {
        std::memcpy(out, text.data(), static_cast<std::size_t>(size));
        return true;
    }
    bool ParseFromArray(const void* in, int size) {
        text.assign(static_cast<const char*>(in), static_cast<std::size_t>(size));
        return text != "no message";
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(protobuf_messages)

BOOST_FIXTURE_TEST_CASE(a_message_comes_back, memory_log<>) {
    open();
    BOOST_TEST(must(tusk::append(*log, order(1, 3))) == 1U);
    BOOST_TEST(must(tusk::append(*log, order(2, 1000))) == 2U);
    kill_and_open();
    BOOST_TEST(same(must(parse<orders::Order>(must(log->get(1)))), order(1, 3)));
    BOOST_TEST(same(must(parse<orders::Order>(must(log->get(2)))), order(2, 1000)));
}

BOOST_FIXTURE_TEST_CASE(a_message_may_be_empty, memory_log<>) {
    open();
    BOOST_TEST(must(tusk::append(*log, orders::Order())) == 1U);
    BOOST_TEST(text(1).empty());
    BOOST_TEST(same(must(parse<orders::Order>(must(log->get(1)))), orders::Order()));
}

BOOST_FIXTURE_TEST_CASE(what_is_stored_is_what_the_library_writes, memory_log<>) {
    open();
    must(tusk::append(*log, order(7, 2)));
    BOOST_TEST(text(1) == order(7, 2).SerializeAsString());
}

BOOST_FIXTURE_TEST_CASE(a_message_may_have_a_key_and_more, memory_log<>) {
    open();
    record_view like("this is not looked at", "order 7", 3, entry_kind::user, 99);
    BOOST_TEST(must(tusk::append(*log, order(7, 2), {.expect_index = 1}, like)) == 1U);
    const entry e = must(log->get(1));
    BOOST_TEST(to_text(e.key()) == "order 7");
    BOOST_TEST(e.term() == 3U);
    BOOST_TEST((e.kind() == entry_kind::user));
    BOOST_TEST(e.time() == 99U);
    BOOST_TEST(same(must(parse<orders::Order>(e)), order(7, 2)));
    BOOST_TEST(fails_with(tusk::append(*log, order(8, 2), {.expect_index = 1}), errc::index_mismatch));
}

BOOST_FIXTURE_TEST_CASE(a_message_outlives_its_entry, memory_log<>) {
    open();
    must(tusk::append(*log, order(7, 2)));
    const orders::Order found = must(parse<orders::Order>(must(log->get(1))));
    close();
    BOOST_TEST(same(found, order(7, 2)));
}

BOOST_FIXTURE_TEST_CASE(data_that_is_no_such_message_is_refused, memory_log<>) {
    open();
    append(order(7, 2).SerializeAsString().substr(0, 10));
    append("\xFF\xFF");
    for (index_t i = 1; i <= 2; ++i)
        BOOST_TEST(fails_with(parse<orders::Order>(must(log->get(i))), errc::invalid_argument));
}

BOOST_FIXTURE_TEST_CASE(a_message_that_is_not_complete_is_refused, memory_log<>) {
    open();
    orders::Order incomplete;
    incomplete.add_items(); // without a name
    BOOST_TEST(fails_with(tusk::append(*log, incomplete), errc::invalid_argument));
    BOOST_TEST(last() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_message_that_is_too_large_is_refused, memory_log<>) {
    opts.max_record_size = 1000;
    open();
    BOOST_TEST(fails_with(tusk::append(*log, order(1, 1000)), errc::too_large));
    BOOST_TEST(fails_with(tusk::append(*log, plain_message{"", std::size_t{1} << 31}), errc::too_large));
    BOOST_TEST(last() == 0U);
}

BOOST_FIXTURE_TEST_CASE(any_library_will_do, memory_log<>) {
    open();
    must(tusk::append(*log, plain_message{"hello"}));
    append("no message");
    BOOST_TEST(must(parse<plain_message>(must(log->get(1)))).text == "hello");
    BOOST_TEST(fails_with(parse<plain_message>(must(log->get(2))), errc::invalid_argument));
}

BOOST_FIXTURE_TEST_CASE(a_message_is_appended_without_a_copy_of_it, memory_log<>) {
    opts.segment_size = 16 * mebibyte;
    open();
    const plain_message large{std::string(mebibyte, 'x')};
    for (int i = 0; i < 3; ++i)
        must(tusk::append(*log, large));
    const std::size_t before = allocations();
    append(large.text);
    const std::size_t by_text = allocations() - before;
    must(tusk::append(*log, large));
    BOOST_TEST(allocations() - before - by_text <= by_text);
}

BOOST_AUTO_TEST_SUITE_END()
