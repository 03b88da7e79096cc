#include <tusk/backend/memory.hpp>

#include <conformance/backend.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>

using namespace tusk;
using namespace backend_suite;

static_assert(backend<memory_backend>);
static_assert(!std::copyable<memory_backend> && !std::copyable<memory_backend::lock_type>);

namespace {

class in_memory {
public:
    using backend_type = memory_backend;
    memory_backend backend() const { return memory_backend(directory_); }

private:
    memory_backend::directory directory_ = memory_backend().share();
};

} // namespace

BOOST_AUTO_TEST_SUITE(backend_memory)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(backend_behaviours<in_memory>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(each_new_backend_is_a_directory_of_its_own) {
    made<in_memory> here;
    made<in_memory> elsewhere;
    must(here.file("a", "text").close());
    BOOST_TEST(names(elsewhere.directory).empty());
    const auto lock = must(here.directory.lock("state"));
    must(elsewhere.directory.lock("state"));
}

BOOST_AUTO_TEST_CASE(the_contents_live_as_long_as_somebody_shares_them) {
    memory_backend::directory kept;
    {
        memory_backend first;
        must(first.attach(/*create=*/true));
        must(must(first.create("a", 5)).close());
        kept = first.share();
    }
    memory_backend second(kept);
    must(second.attach(/*create=*/false));
    BOOST_TEST(must(must(second.open("a", open_for::read)).size()) == 5U);
}

BOOST_AUTO_TEST_CASE(a_file_and_a_lock_outlive_their_backend) {
    std::optional<memory_file> file;
    std::optional<memory_lock> lock;
    {
        memory_backend b;
        must(b.attach(/*create=*/true));
        file = must(b.create("a", 0));
        lock = must(b.lock("state"));
    }
    must(write_text(*file, 0, "text"));
    BOOST_TEST(whole(*file) == "text");
}

BOOST_AUTO_TEST_CASE(a_copy_holds_what_was_there_and_goes_its_own_way) {
    made<in_memory> here;
    auto f = here.file("a", "text");
    const std::string large(200000, 'x');
    must(here.file("large", large).close());
    const auto lock = must(here.directory.lock("state"));
    memory_backend twin(here.directory.share()->copy());
    must(twin.attach(/*create=*/false));
    must(write_text(f, 0, "next"));
    must(here.directory.remove("large"));
    auto g = must(twin.open("a", open_for::write));
    BOOST_TEST(whole(g) == "text");
    BOOST_TEST((whole(must(twin.open("large", open_for::read))) == large));
    BOOST_TEST((names(twin) == std::vector<std::string>{"a", "large", "state"}));
    must(twin.lock("state")); // nobody has taken it there
    must(write_text(g, 0, "else"));
    BOOST_TEST(whole(f) == "next");
}

BOOST_AUTO_TEST_CASE(the_copy_of_a_directory_that_is_not_there_is_not_there) {
    memory_backend twin(memory_backend().share()->copy());
    BOOST_TEST(fails_with(twin.attach(/*create=*/false), errc::no_log));
}

BOOST_AUTO_TEST_CASE(a_huge_file_takes_no_more_than_what_is_written) {
    made<in_memory> here;
    constexpr std::uint64_t huge = std::uint64_t{1} << 60;
    auto f = must(here.directory.create("a", huge));
    must(write_text(f, huge - 4, "last"));
    BOOST_TEST(must(f.size()) == huge);
    BOOST_TEST(read_text(f, huge - 4, 10) == "last");
    BOOST_TEST(read_text(f, huge / 2, 3) == std::string(3, '\0'));
}

BOOST_AUTO_TEST_SUITE_END()
