#include <tusk/core/registry.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace tusk;

BOOST_AUTO_TEST_SUITE(core_registry)

BOOST_AUTO_TEST_CASE(every_id_has_a_name_for_messages) {
    std::set<std::string> own_codecs, own_formats;
    for (unsigned id = 0; id < 256; ++id) {
        const std::string of_codec = codec_name(static_cast<std::uint8_t>(id));
        const std::string of_format = format_name(static_cast<std::uint8_t>(id));
        BOOST_TEST((of_codec == "a compression of the user's own") == (id >= codec::user));
        BOOST_TEST((of_format == "a format of the user's own") == (id >= format_id::user));
        if (of_codec.find(' ') == std::string::npos)
            own_codecs.insert(of_codec);
        if (of_format.find(' ') == std::string::npos)
            own_formats.insert(of_format);
    }
    BOOST_TEST((own_codecs == std::set<std::string>{"no_compression", "lz4_compression", "zstd_compression"}));
    BOOST_TEST((own_formats == std::set<std::string>{"binary_format", "json_format", "protobuf_format"}));
    BOOST_TEST(std::string(codec_name(codec::zstd)) == "zstd_compression");
    BOOST_TEST(std::string(codec_name(codec::zstd + 1)) == "a compression that this version does not know");
    BOOST_TEST(std::string(format_name(0)) == "a format that this version does not know");
}

BOOST_AUTO_TEST_SUITE_END()
