// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/detail/read_lines.hpp>

#include <string>

using namespace espalier;
using espalier_test::temporary_folder;
using espalier_test::words_of;

namespace {

/// Bytes of a text, at most `most` at once.
class text_source final : public detail::byte_source {
public:
    text_source(std::string text, std::size_t most) : text_{std::move(text)}, most_{most} {}
    [[nodiscard]] std::size_t read(char* into, std::size_t n) override {
        std::size_t const got = text_.copy(into, std::min(n, most_), at_);
        at_ += got;
        return got;
    }

private:
    std::string text_;
    std::size_t most_, at_ = 0;
};

} // namespace

TEST_CASE("Blocks are whole lines and together the text, however long lines and blocks are") {
    std::string const text = GENERATE(as<std::string>{}, "", "\n", "a", "a\n", "\n\n\n", "a\nbc\n\ndef\r\n", "a\nbc",
                                      "a line that is longer than most of the blocks, and by far\nx\ny\n",
                                      "a text without any end of line that is longer than most of the blocks");
    for (std::size_t block_bytes = 1; block_bytes <= 100; ++block_bytes)
        for (std::size_t const most : {1, 2, 3, 7, 1000}) {
            CAPTURE(text, block_bytes, most);
            detail::line_source lines{std::make_unique<text_source>(text, most), block_bytes};
            detail::line_block block;
            std::string all;
            while (lines.next(block)) {
                REQUIRE(block.text().ends_with('\n'));
                all += block.text();
            }
            REQUIRE(block.text().empty());
            REQUIRE(all == (text.empty() || text.ends_with('\n') ? text : text + '\n'));
            REQUIRE_FALSE(lines.next(block));
        }
}

TEST_CASE("A file that shrinks while it is read is an error with both sizes") {
    temporary_folder const folder;
    auto const file = folder.write("A.csv", std::string(1000, 'x'));
    detail::plain_source source{file};
    char bytes[600];
    REQUIRE(source.read(bytes, sizeof bytes) == 600);
    std::filesystem::resize_file(file, 700);
    REQUIRE(source.read(bytes, sizeof bytes) == 100);
    CHECK(words_of<bad_data>([&] { static_cast<void>(source.read(bytes, sizeof bytes)); }) ==
          "espalier: read_bars: requires a file that nobody cuts while it is read (" + file.string() +
              "); got 700 bytes of 1000. Read it when it is written. See docs/howto/data.md.");
}

TEST_CASE("What is no readable file is named") {
    temporary_folder const folder;
    auto const words = [](std::filesystem::path const& file) {
        return words_of<bad_data>([&] {
            char byte;
            static_cast<void>(detail::open_bytes(file)->read(&byte, 1));
        });
    };
    for (auto const& file : {folder.path() / "none.csv", folder.path()})
        CHECK(words(file) == "espalier: read_bars: requires a readable file; got " + file.string() +
                                 ", which cannot be read. Check its permissions. See docs/howto/data.md.");
}
