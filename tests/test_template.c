/*
 * Where a placeholder may stand, and what a hostile value becomes there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_template.h"


static recs_template_t  template;


static recs_status_t
parse(const char *text, recs_error_t *err)
{
    return recs_template_parse(&template, text, strlen(text), err);
}


/* Every placeholder has the same value but for "none". */

static recs_str_t
value(void *data, recs_str_t name)
{
    recs_str_t  v;

    v.data = data;
    v.len = name.len == 4 && memcmp(name.data, "none", 4) == 0
            ? 0 : strlen(data);

    return v;
}


static void
renders(const char *text, const char *with, const char *want)
{
    char          buf[512], *exact;
    size_t        len, size;
    recs_error_t  err;

    if (parse(text, &err) != RECS_OK) {
        fail_msg("%s: %s", text, err.message);
    }

    len = recs_template_render(&template, value, (char *) with, NULL, 0);
    assert_true(len < sizeof(buf));
    assert_int_equal(len, strlen(want));

    /* room for less: the same length, and not a byte too far */

    for (size = 0; size <= len; size++) {
        exact = malloc(size + 1);
        exact[size] = '#';
        assert_int_equal(recs_template_render(&template, value,
                                              (char *) with, exact, size),
                         len);
        assert_true(exact[size] == '#');

        if (size == len) {
            assert_memory_equal(exact, want, len);
        }

        free(exact);
    }
}


static void
refuses(const char *text, const char *reason)
{
    recs_error_t  err;

    err.message[0] = '\0';

    if (parse(text, &err) != RECS_INVALID
        || strstr(err.message, reason) == NULL)
    {
        fail_msg("%s: not \"%s\" but \"%s\"", text, reason, err.message);
    }
}


static void
test_text_and_attributes(void **state)
{
    (void) state;

    renders("", "x", "");
    renders("plain < 5 & <b>bold</b>", "x", "plain < 5 & <b>bold</b>");
    renders("{{a}}", "x", "x");
    renders("<p>{{a}}-{{ b }}{{none}}!</p>", "x", "<p>x-x!</p>");
    renders("{{a}}", "<script>&\"'", "&lt;script&gt;&amp;&quot;&#39;");
    renders("<img alt=\"{{a}}\">", "\" onerror=\"x",
            "<img alt=\"&quot; onerror=&quot;x\">");
    renders("<img alt='{{a}}' data-x = '{{b}}'>", "'",
            "<img alt='&#39;' data-x = '&#39;'>");
    renders("{{a}}", "<!--#include virtual=\"/x\"-->",
            "&lt;!--#include virtual=&quot;/x&quot;--&gt;");
    renders("<b>{ {a} }</b>", "x", "<b>{ {a} }</b>");
    renders("{{t\xc3\xaatre}}", "x", "x");
}


static void
test_urls(void **state)
{
    (void) state;

    renders("<a href=\"{{u}}\">", "https://e.x/?a=1&b=2",
            "<a href=\"https://e.x/?a=1&amp;b=2\">");
    renders("<a href='{{u}}'>", "HTTP://e.x", "<a href='HTTP://e.x'>");
    renders("<a href=\"{{u}}\">", "/p/1", "<a href=\"/p/1\">");
    renders("<a href=\"{{u}}\">", "//e.x/p", "<a href=\"//e.x/p\">");
    renders("<a href=\"{{u}}\">", "p?x=a:b", "<a href=\"p?x=a:b\">");
    renders("<a href=\"{{u}}\">", "javascript:alert(1)", "<a href=\"\">");
    renders("<a href=\"{{u}}\">", "  JavaScript:x", "<a href=\"\">");
    renders("<a href=\"{{u}}\">", "java\tscript:x", "<a href=\"\">");
    renders("<a href=\"{{u}}\">", "\x01javascript:x", "<a href=\"\">");
    renders("<a href=\"{{u}}\">", "data:text/html,x", "<a href=\"\">");
    renders("<a HREF=\"{{u}}\">", "vbscript:x", "<a HREF=\"\">");
    renders("<form action=\"{{u}}\">", "javascript:x",
            "<form action=\"\">");
    renders("<a href=\"/p/{{u}}?q={{u}}#x\">", "a/b c&\"",
            "<a href=\"/p/a%2Fb%20c%26%22?q=a%2Fb%20c%26%22#x\">");
    renders("<a href=\"https://e.x/{{u}}\">", "../\xc3\xa9",
            "<a href=\"https://e.x/..%2F%C3%A9\">");
    renders("<a href=\"{{u}}{{u}}\">", "a:b", "<a href=\"a%3Ab\">");
    renders("<a href=\"{{u}}?r=:&amp;\">", "/p", "<a href=\"/p?r=:&amp;\">");
    renders("<a href=\"mailto:{{u}}\">", "a@b", "<a href=\"mailto:a%40b\">");
}


static void
test_where_none_may_stand(void **state)
{
    (void) state;

    refuses("<{{a}}>", "tag name");
    refuses("<b>x <{{a}}", "tag name");
    refuses("</{{a}}>", "comment");
    refuses("<a{{a}}>", "tag name");
    refuses("</a{{a}}>", "tag name");
    refuses("<a {{a}}>", "attribute's name");
    refuses("<a b{{a}}=\"x\">", "attribute's name");
    refuses("<a href={{a}}>", "without quotes");
    refuses("<a title=x{{a}}>", "without quotes");
    refuses("<a onclick=\"{{a}}\">", "may hold code");
    refuses("<a OnClick='x({{a}})'>", "may hold code");
    refuses("<a style=\"{{a}}\">", "may hold code");
    refuses("<iframe srcdoc=\"{{a}}\">", "may hold code");
    refuses("<svg><a><animate attributeName=\"href\" to=\"{{a}}\"/></a>",
            "may hold code");
    refuses("<animate values='{{a}}' attributeName='xlink:href'>",
            "may hold code");
    refuses("<SET from=\"{{a}}\">", "may hold code");
    refuses("<animateTransform by=\"{{a}}\">", "may hold code");
    refuses("<b @click=\"f('{{a}}')\">", "may hold code");
    refuses("<b :href=\"{{a}}\">", "may hold code");
    refuses("<b x-on:click=\"{{a}}\">", "may hold code");
    refuses("<b X-Data=\"{ a: {{a}} }\">", "may hold code");
    refuses("<b v-on:click='{{a}}'>", "may hold code");
    refuses("<b v-html='{{a}}'>", "may hold code");
    refuses("<b ng-click='{{a}}'>", "may hold code");
    refuses("<b hx-on:click='{{a}}'>", "may hold code");
    refuses("<b hx-on::load='{{a}}'>", "may hold code");
    refuses("<b hx-vals='{{a}}'>", "may hold code");
    refuses("<b data-hx-on-click='{{a}}'>", "may hold code");
    refuses("<b data-on-click='{{a}}'>", "may hold code");
    refuses("<b _='on click {{a}}'>", "may hold code");
    refuses("<b (click)='{{a}}'>", "may hold code");
    refuses("<script src=\"{{a}}\"></script>", "may hold code");
    refuses("<link href=\"{{a}}\">", "may hold code");
    refuses("<meta content=\"0;{{a}}\">", "may hold code");
    refuses("<BASE href=\"{{a}}\">", "may hold code");
    refuses("</p title=\"{{a}}\">", "may hold code");
    refuses("<!-- {{a}} -->", "comment");
    refuses("<!-- x > {{a}} -->", "comment");
    refuses("<!doctype {{a}}>", "comment");
    refuses("<?php {{a}} ?>", "comment");
    refuses("<script>{{a}}</script>", "not markup");
    refuses("<STYLE>x</b>{{a}}</style>", "not markup");
    refuses("<script></scriptx>{{a}}</script>", "not markup");
    refuses("<title></title-{{a}}</title>", "not markup");
    refuses("<textarea>{{a}}</textarea>", "not markup");
    refuses("<title>{{a}}</title>", "not markup");
    refuses("<a href=\"javascript:{{a}}\">", "not allowed");
    refuses("<a href=\"java&#115;cript:{{a}}\">", "not allowed");
    refuses("<a href=\" javascript:{{a}}\">", "not allowed");
    refuses("<a href=\"java\nscript:{{a}}\">", "not allowed");
    refuses("<a href=\"{{a}}:x\">", "complete the scheme");
    refuses("<a href=\"java{{a}}:x\">", "complete the scheme");
    refuses("<a href=\"{{a}}&colon;x\">", "complete the scheme");
}


static void
test_broken(void **state)
{
    (void) state;

    refuses("{{", "without its end");
    refuses("{{a}", "without its end");
    refuses("x {{a", "without its end");
    refuses("{{}}", "proper name");
    refuses("{{  }}", "proper name");
    refuses("{{a\nb}}", "proper name");
    refuses("<a href=\"{{a}}", "without its end");
    refuses("<a href=\"x", "without its end");
    refuses("<a ", "without its end");
    refuses("<a", "without its end");
}


/* After what is no text, text goes on. */

static void
test_goes_on(void **state)
{
    (void) state;

    renders("<!-- x -->{{a}}", "y", "<!-- x -->y");
    renders("<script>if (a < b) { x }</script>{{a}}", "y",
            "<script>if (a < b) { x }</script>y");
    renders("<style>a{b}</style ><p>{{a}}</p>", "y",
            "<style>a{b}</style ><p>y</p>");
    renders("<br/>{{a}}<img alt=x>{{a}}", "y", "<br/>y<img alt=x>y");
    renders("<input disabled value=\"{{a}}\" checked>", "y",
            "<input disabled value=\"y\" checked>");
    renders("<a title='a>b' lang=\"{{a}}\">", "y",
            "<a title='a>b' lang=\"y\">");
    renders("1 < 2 {{a}}", "y", "1 < 2 y");
    renders("<b @click=\"f()\" data-once=\"{{a}}\" hx-get=\"/i\">{{a}}</b>",
            "y", "<b @click=\"f()\" data-once=\"y\" hx-get=\"/i\">y</b>");
    renders("<animate attributeName=\"x\" to=\"1\"/>{{a}}", "y",
            "<animate attributeName=\"x\" to=\"1\"/>y");
    renders("<b xml:lang='{{a}}' vocab='{{a}}' hx-target='{{a}}'>", "y",
            "<b xml:lang='y' vocab='y' hx-target='y'>");
}


static void
test_limit(void **state)
{
    char          text[8 * RECS_TEMPLATE_PARTS_MAX];
    size_t        i;
    recs_error_t  err;

    (void) state;

    text[0] = '\0';

    for (i = 0; i < RECS_TEMPLATE_PARTS_MAX - 1; i++) {
        strcat(text, "{{a}}");
    }

    assert_int_equal(parse(text, &err), RECS_OK);
    assert_int_equal(template.n_parts, RECS_TEMPLATE_PARTS_MAX);

    strcat(text, "{{a}}");
    assert_int_equal(parse(text, &err), RECS_LIMIT);
}


/* Every prefix of a long template parses or is refused, in bounds. */

static void
test_prefixes(void **state)
{
    char          *copy;
    size_t         len;
    recs_error_t   err;
    const char     text[] =
        "<a href=\"/{{u}}\" title='{{t}}'><!-- c --><b>{{x}}</b></a>"
        "<script>x</script><?p?></p ><{{";

    (void) state;

    for (len = 0; len < sizeof(text); len++) {
        copy = malloc(len + 1);
        memcpy(copy, text, len);
        (void) recs_template_parse(&template, copy, len, &err);
        free(copy);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text_and_attributes),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_where_none_may_stand),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_prefixes)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
