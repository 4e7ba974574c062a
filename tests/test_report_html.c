/* recs_report_html: what a page says, and that it says it safely. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_report_fixture.h"
#include "recs_report_html.h"
#include "recs_temp.h"


/* The page of a report; the caller frees it. */

static char *
page(const recs_report_t *report)
{
    char          path[4096], *text;
    FILE         *file;
    size_t        len;
    recs_error_t  err;

    strcpy(path, recs_temp_path("page.html"));
    assert_int_equal(recs_report_html(report, path, &err), RECS_OK);

    text = calloc(1, 1024 * 1024);
    file = fopen(path, "r");
    assert_non_null(file);
    len = fread(text, 1, 1024 * 1024 - 1, file);
    assert_true(len > 0 && len < 1024 * 1024 - 1);
    fclose(file);

    return text;
}


static void
says(const char *text, const char *what)
{
    if (strstr(text, what) == NULL) {
        fail_msg("the page does not say \"%s\"", what);
    }
}


/* Elements are closed in their order, attributes quoted, text without < >. */

static void
check_elements(const char *text)
{
    char         open[64][32];
    size_t       n, depth;
    const char  *end;

    depth = 0;
    text = strchr(text, '\n');

    for ( ;; ) {
        n = strcspn(text, "<>");
        text += n;

        if (*text == '\0') {
            break;
        }

        assert_int_equal(*text, '<');
        end = strchr(text, '>');
        assert_non_null(end);
        assert_true(strcspn(text + 1, "<") > (size_t) (end - text - 1));

        if (text[1] == '/') {
            assert_true(depth > 0);
            depth--;
            n = strlen(open[depth]);
            assert_memory_equal(text + 2, open[depth], n);
            assert_int_equal(text[2 + n], '>');

        } else if (end[-1] != '/') {
            n = strcspn(text + 1, " >\n");
            assert_true(depth < 64 && n < 32);
            memcpy(open[depth], text + 1, n);
            open[depth][n] = '\0';
            depth++;
        }

        text = end + 1;
    }

    assert_int_equal(depth, 0);
}


static void
test_verdict(void **state)
{
    char                          *text;
    static recs_report_fixture_t   f;

    (void) state;

    recs_report_fixture(&f);
    text = page(&f.report);
    check_elements(text);

    says(text, "deep is better than control");
    says(text, "a change of <b>+5.0\xc2\xa0%</b>");
    says(text, "between +2.1\xc2\xa0% and +7.9\xc2\xa0% (95\xc2\xa0% conf");
    says(text, "click_rate with <b>deep</b>: <b>worse</b> (\xe2\x88\x92" "6.0");
    says(text, "100,377 visitors, 24 Oct 2026 to 21 Nov 2026");
    says(text, "<b>Yes</b>, as far as one can tell (p 0.7349)");
    says(text, "<td class=\"n\">40.1\xc2\xa0%</td>"
               "<td class=\"n\">40.0\xc2\xa0%</td>");
    says(text, "210 visitors met more than one variant");
    says(text, "too few visitors to show");
    says(text, "chance to be better: over 99\xc2\xa0%");
    says(text, "chance to be better: under 1\xc2\xa0%");
    says(text, "1,234,567 events were read");
    says(text, "hold however often one looks");
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "http"));
    free(text);

    f.report.options.fixed = 1;
    f.results[0].verdict = RECS_VERDICT_WORSE;
    text = page(&f.report);
    says(text, "deep is worse than control");
    says(text, "These intervals hold for one look");
    free(text);

    f.results[0].verdict = RECS_VERDICT_NONE;
    text = page(&f.report);
    says(text, "No difference seen yet");
    says(text, "it may be none at all");
    says(text, "A change of 4.20\xc2\xa0% would most likely");
    free(text);
}


static void
test_withheld(void **state)
{
    uint32_t                       i;
    char                          *text;
    static recs_report_fixture_t   f;

    (void) state;

    recs_report_fixture(&f);
    f.experiment.srm_p = 1e-12;
    f.experiment.srm_broken = 1;
    f.experiment.multiple_alarm = 1;

    for (i = 0; i < RECS_REPORT_FIXTURE_RESULTS; i++) {
        f.results[i].verdict = RECS_VERDICT_WITHHELD;
        f.results[i].reasons = RECS_REPORT_BROKEN_RATIO;
    }

    text = page(&f.report);
    check_elements(text);
    says(text, "Do not decide by this: visitors were not split as planned");
    says(text, "<section class=\"broken\">");
    says(text, "(p below 0.0001)");
    says(text, "are a fault");
    assert_null(strstr(text, "is better"));
    free(text);

    for (i = 0; i < RECS_REPORT_FIXTURE_RESULTS; i++) {
        f.results[i].reasons = RECS_REPORT_FEW_DAYS;
    }

    text = page(&f.report);
    says(text, "Too early to tell");
    free(text);
}


/* What cannot be told is a dash, and no "nan" gets into a plot. */

static void
test_unknown(void **state)
{
    uint32_t                       i, k;
    char                          *text;
    recs_report_result_t          *r;
    static recs_report_fixture_t   f;

    (void) state;

    recs_report_fixture(&f);
    f.experiment.srm_p = NAN;
    f.periods[0].weights[0] = 0;

    for (i = 0; i < RECS_REPORT_FIXTURE_RESULTS; i++) {
        for (k = 0; k <= RECS_REPORT_FIXTURE_POINTS; k++) {
            r = k < RECS_REPORT_FIXTURE_POINTS ? &f.point_results[k][i]
                                               : &f.results[i];

            /* Some points remain, between gaps. */
            if (k % 5 == 0 && i == 0) {
                continue;
            }

            r->control.mean = r->treatment.mean = NAN;
            r->lift = r->lift_lo = r->difference = NAN;
            r->chance = r->detectable = NAN;
            r->lift_hi = r->difference_hi = INFINITY;
            r->difference_lo = -INFINITY;
            r->verdict = RECS_VERDICT_WITHHELD;
            r->reasons = RECS_REPORT_NO_ESTIMATE;
        }
    }

    text = page(&f.report);
    check_elements(text);
    says(text, "Not tested");
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf<"));
    assert_null(strstr(text, "inf "));
    assert_null(strstr(text, "inf\""));
    free(text);
}


static void
test_empty(void **state)
{
    char                          *text;
    static recs_report_fixture_t   f;

    (void) state;

    recs_report_fixture(&f);
    f.experiment.n_variants = 1;
    f.experiment.n_results = 0;
    f.experiment.n_points = 0;
    f.experiment.n_segments = 0;
    text = page(&f.report);
    check_elements(text);
    says(text, "Only one variant was seen");
    free(text);

    f.report.n_experiments = 0;
    text = page(&f.report);
    check_elements(text);
    free(text);
}


/* All names and values come from logs. */

static void
test_escaped(void **state)
{
    char                          *text;
    static recs_report_fixture_t   f;

    static char  evil[] = "\"><script>alert('&')</script>";

    (void) state;

    recs_report_fixture(&f);
    f.experiment.name = evil;
    f.experiment.variants[0].name = evil;
    f.experiment.variants[1].name = evil;
    f.experiment.n_periods = 2;
    f.segments[0].value = evil;
    f.segments[2].value = evil;
    f.report.options.segment = evil;
    strcpy(f.report.options.metrics[0].name, evil);
    strcpy(f.report.options.metrics[0].event, evil);
    strcpy(f.report.options.metrics[2].per, evil);

    text = page(&f.report);
    check_elements(text);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "\"\">"));
    says(text, "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;");

    /* Cut to its room in a plot before it is escaped. */
    says(text, ">&quot;&gt;&lt;script&gt;aler\xe2\x80\xa6<");
    free(text);
}


static void
test_no_folder(void **state)
{
    recs_error_t                   err;
    static recs_report_fixture_t   f;

    (void) state;

    recs_report_fixture(&f);
    assert_int_equal(recs_report_html(&f.report, "no/such/folder/x", &err),
                     RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_withheld),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_escaped),
        cmocka_unit_test(test_no_folder)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
