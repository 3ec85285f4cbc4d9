// SPDX-License-Identifier: BSL-1.0
/// @file
/// The page as a whole: head, finding, facts, sections in their order, what the run was made with.
/// Sections with charts have files of their own.
#pragma once

#include <espalier/data/calendar.hpp>
#include <espalier/observe/report/contents.hpp>
#include <espalier/observe/report/detail/forecast_sections.hpp>
#include <espalier/observe/report/detail/training_sections.hpp>
#include <espalier/observe/report/finding.hpp>
#include <espalier/observe/report/style.hpp>
#include <espalier/observe/report/table.hpp>

#include <string>
#include <utility>

namespace espalier::detail {

/// The finding, with a word and a colour for it, and a warning where the run did not come to its end.
[[nodiscard]] inline std::string finding_section(finding const& f, report_contents const& c) {
    constexpr std::pair<char const*, char const*> looks[] = {
        {"", "No forecasts"}, {"worse", "Not better"}, {"chance", "Could be chance"}, {"better", "Better"}};
    auto const [style, word]  = looks[static_cast<int>(f.what)];
    std::string const warning = c.state.ending == run_ending::interrupted
                                    ? joined("<div class=\"notice\"><p>", ending_in_words(c.state), "</p></div>\n")
                                    : "";
    return joined("<div class=\"verdict ", style, "\"><strong>", word, "</strong>\n<p>", f.sentence, "</p></div>\n", warning);
}

/// A few numbers at a glance.
[[nodiscard]] inline std::string facts_section(report_contents const& c, assessment const& a) {
    std::string out = "<dl class=\"facts\">\n";
    auto const fact = [&](std::string_view name, std::string const& value) {
        if (!value.empty()) out += joined("<div><dt>", name, "</dt><dd>", value, "</dd></div>\n");
    };
    constexpr char const* endings[] = {"finished", "stopped early", "interrupted"};
    fact("Run", endings[static_cast<int>(c.state.ending)]);
    fact("Steps", html::count(c.state.steps));
    fact("Training time", c.seconds > 0 ? html::duration(c.seconds) : "");
    if (a.windows > 0) {
        fact("Test windows", html::count(a.windows));
        fact("Days", html::count(a.days));
        fact("Tickers", html::count(static_cast<std::int64_t>(c.test->tickers.size())));
        fact("Horizon", joined(html::count(c.test->horizon), "\u00A0min"));
    }
    return out + "</dl>\n";
}

/// How the data were split, and what cleaning did to them.
[[nodiscard]] inline std::string data_section(report_contents const& c) {
    html::table split{.caption = "Parts of the data; times are those of the windows’ last minutes, UTC",
                      .header  = {"Part", "Windows", "Tickers", "First", "Last"}};
    for (split_row const& s : c.split) {
        auto const time = [&](std::int64_t ms) {
            return s.windows > 0 ? joined("<time>", minute_text(minute_of(ms)), "</time>") : std::string{"–"};
        };
        split.rows.push_back(
            {{html::escaped(s.part), html::count(s.windows), html::count(s.tickers), time(s.first_ms), time(s.last_ms)}});
    }
    std::string cleaning;
    if (c.cleaning) {
        cleaning = html::to_html(html::to_table("What was found and done before windows were cut", *c.cleaning));
        if (constexpr std::size_t many = 25; c.cleaning->rows.size() > many)
            cleaning.replace(cleaning.find("\"table\""), 7, "\"table long\" tabindex=\"0\"");
    }
    std::string const both = html::to_html(split) + cleaning;
    return both.empty() ? "" : "<h2>Data</h2>\n" + both;
}

/// The command, the machine, the plan.
[[nodiscard]] inline std::string run_section(report_contents const& c) {
    std::string rows;
    for (auto const& [name, value] : {std::pair{"Machine", &c.hardware}, std::pair{"Arithmetic", &c.arithmetic}})
        if (!value->empty()) rows += joined("<dt>", name, "</dt><dd>", html::escaped(*value), "</dd>\n");
    std::string out;
    if (!c.command.empty()) out += joined("<pre class=\"command\">", html::escaped(c.command), "</pre>\n");
    if (!rows.empty()) out += joined("<dl class=\"run\">\n", rows, "</dl>\n");
    if (!c.plan.empty()) out += joined("<h3>What a rank does in a step</h3>\n<pre>", html::escaped(c.plan), "</pre>\n");
    return out.empty() ? "" : "<h2>How it was run</h2>\n" + out;
}

[[nodiscard]] inline std::string notes_section(std::vector<std::string> const& notes) {
    if (notes.empty()) return "";
    std::string out = "<h2>Notes</h2>\n<ul>\n";
    for (std::string const& note : notes) out += joined("<li>", html::escaped(note), "</li>\n");
    return out + "</ul>\n";
}

/// Everything that test forecasts have to say; a sentence where there are none.
[[nodiscard]] inline std::string forecast_sections(report_contents const& c, assessment const& a) {
    if (a.windows == 0) return "";
    return score_section(*c.test, a, c.intervals) + outcome_section(*c.test, c.intervals) +
           ticker_section(scores_by_ticker(*c.test, c.intervals)) + time_section(scores_by_half_hour(*c.test, c.intervals));
}

[[nodiscard]] inline std::string page_of(report_contents const& c) {
    assessment const a      = c.test ? assess(*c.test, c.intervals) : assessment{};
    std::string const title = html::escaped(c.title);
    return joined("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                  title, "</title>\n<style>", html::page_style, "</style>\n</head>\n<body>\n<main>\n<h1>", title, "</h1>\n",
                  finding_section(finding_of(a), c), facts_section(c, a), forecast_sections(c, a), training_section(c),
                  sweep_section(c.sweep), data_section(c), run_section(c), notes_section(c.notes),
                  "<footer>Written by espalier. Mean squared errors are compared; costs of trading are not "
                  "considered.</footer>\n</main>\n</body>\n</html>\n");
}

} // namespace espalier::detail
