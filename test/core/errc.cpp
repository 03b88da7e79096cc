#include <tusk/core/errc.hpp>

#include <boost/test/unit_test.hpp>

#include <set>

using namespace tusk;

namespace core_errc {

constexpr int last = static_cast<int>(errc::no_log);

} // namespace core_errc

BOOST_AUTO_TEST_SUITE(core_errc)

BOOST_AUTO_TEST_CASE(every_code_has_a_message_of_its_own) {
    const std::string unknown = category().message(last + 1);
    std::set<std::string> messages{unknown, ""};
    for (int code = 1; code <= last; ++code)
        BOOST_TEST(messages.insert(category().message(code)).second, "code " << code << " says nothing new");
}

BOOST_AUTO_TEST_CASE(what_is_no_code_has_a_message_too) {
    for (const int code : {-1, 0, last + 1, 100000})
        BOOST_TEST(category().message(code) == "unknown error");
}

BOOST_AUTO_TEST_CASE(converts_to_an_error_code) {
    static_assert(std::is_error_code_enum_v<errc>);
    const std::error_code code = errc::poisoned;
    BOOST_TEST(static_cast<bool>(code));
    BOOST_TEST(code.value() == static_cast<int>(errc::poisoned));
    BOOST_TEST((&code.category() == &category()));
    BOOST_TEST(code.message() == category().message(code.value()));
    BOOST_TEST(std::string(code.category().name()) == "tusk");
}

BOOST_AUTO_TEST_CASE(compares_with_codes_by_name) {
    const std::error_code code = errc::truncated;
    BOOST_TEST((code == errc::truncated));
    BOOST_TEST((code != errc::dropped));
}

BOOST_AUTO_TEST_CASE(is_not_taken_for_a_code_of_the_system) {
    for (int code = 1; code <= last; ++code) {
        const std::error_code own = static_cast<errc>(code);
        BOOST_TEST((own != std::error_code(code, std::system_category())));
        BOOST_TEST((own != std::error_code(code, std::generic_category())));
        BOOST_TEST((own.default_error_condition() != std::error_condition(code, std::generic_category())));
    }
}

BOOST_AUTO_TEST_CASE(success_is_no_error) {
    BOOST_TEST(!std::error_code(0, category()));
    for (int code = 1; code <= last; ++code)
        BOOST_TEST(static_cast<bool>(make_error_code(static_cast<errc>(code))));
}

BOOST_AUTO_TEST_SUITE_END()
