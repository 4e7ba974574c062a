/*
 * Contexts of events: read from csv, jsonl and events, kept by the dataset's
 * file and by a split, and refused where a file lies about them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xxhash.h>

#include "recs_dataset_format.h"
#include "recs_import.h"
#include "recs_split.h"
#include "recs_temp.h"


static recs_error_t          err;
static recs_import_report_t  report;


static recs_dataset_t *
import(recs_format_t format, const char *text)
{
    const char             *path;
    recs_dataset_t         *dataset;
    recs_import_options_t   options;

    memset(&options, 0, sizeof(options));
    path = recs_temp_text("input", text);
    options.format = format;
    options.inputs = &path;
    options.n_inputs = 1;

    if (recs_import_memory(&options, &dataset, &report, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return dataset;
}


/* "country=de device=phone" of the interaction at a place, or "". */
static const char *
context_at(const recs_dataset_view_t *v, uint64_t k)
{
    uint32_t         i;
    const uint32_t  *row;
    static char      text[1024];

    text[0] = '\0';

    if (v->contexts.numbers == NULL) {
        return text;
    }

    row = v->contexts.rows + (size_t) v->contexts.numbers[k]
                             * RECS_CONTEXTS_MAX;

    for (i = 0; i < RECS_CONTEXTS_MAX && row[i] != RECS_CONTEXT_END; i++) {
        if (i > 0) {
            strcat(text, " ");
        }

        strcat(text, v->contexts.segments[row[i]]);
    }

    return text;
}


static const char *
context_of(const recs_dataset_t *d, const char *user, const char *item)
{
    uint32_t                    u, i;
    uint64_t                    k;
    recs_str_t                  s;
    const recs_dataset_view_t  *v;

    v = recs_dataset_view(d);

    s.data = user;
    s.len = strlen(user);
    u = recs_dataset_user(d, s);

    s.data = item;
    s.len = strlen(item);
    i = recs_dataset_item(d, s);

    for (k = v->user_offsets[u]; k < v->user_offsets[u + 1]; k++) {
        if (v->items[k] == i) {
            return context_at(v, k);
        }
    }

    fail_msg("no interaction of %s and %s", user, item);

    return NULL;
}


#define JSONL                                                                 \
    "{\"user\":\"a\",\"item\":\"x\",\"ts\":\"2024-01-01\","                   \
    "\"context\":{\"device\":\"phone\",\"country\":\"de\"}}\n"                \
    "{\"user\":\"a\",\"item\":\"y\",\"ts\":\"2024-01-02\","                   \
    "\"context\":{\"country\":\"fr\"}}\n"                                     \
    "{\"user\":\"a\",\"item\":\"y\",\"ts\":\"2024-01-03\","                   \
    "\"context\":{\"country\":\"at\",\"hour\":9}}\n"                          \
    "{\"user\":\"b\",\"item\":\"x\",\"ts\":\"2024-01-03\"}\n"                 \
    "{\"user\":\"b\",\"item\":\"y\",\"ts\":\"2024-01-03\",\"context\":null}\n"\
    "{\"user\":\"b\",\"item\":\"z\",\"ts\":\"2024-01-03\","                   \
    "\"context\":{\"country\":\"d|e\",\"Bad\":\"x\",\"device\":\"tablet\"}}\n"


static void
test_jsonl(void **state)
{
    recs_dataset_t             *d;
    const recs_dataset_view_t  *v;

    (void) state;

    d = import(RECS_FORMAT_JSONL, JSONL);
    v = recs_dataset_view(d);

    assert_int_equal(report.n_rejected, 0);
    assert_string_equal(context_of(d, "a", "x"), "country=de device=phone");
    assert_string_equal(context_of(d, "b", "x"), "");
    assert_string_equal(context_of(d, "b", "y"), "");

    /* What is not valid is left out, the rest stays. */
    assert_string_equal(context_of(d, "b", "z"), "device=tablet");

    /* The latest; no segment of the other is left. */
    assert_string_equal(context_of(d, "a", "y"), "country=at hour=9");
    assert_int_equal(v->contexts.n_segments, 5);
    assert_string_equal(v->contexts.segments[0], "country=at");
    assert_string_equal(v->contexts.segments[4], "hour=9");
    assert_int_equal(v->contexts.n, 4);

    recs_dataset_close(d);
}


static void
test_jsonl_rejects(void **state)
{
    recs_dataset_t  *d;

    (void) state;

    d = import(RECS_FORMAT_JSONL,
               "{\"user\":\"a\",\"item\":\"x\",\"context\":\"de\"}\n"
               "{\"user\":\"a\",\"item\":\"x\",\"context\":[\"de\"]}\n"
               "{\"user\":\"a\",\"item\":\"x\",\"context\":{\"a\":{}}}\n"
               "{\"user\":\"a\",\"item\":\"x\",\"context\":{\"a\":1,\"b\":1,"
               "\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1}}\n"
               "{\"user\":\"a\",\"item\":\"y\",\"context\":{\"a\":1,\"b\":1,"
               "\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1}}\n");

    assert_int_equal(report.n_rejected, 4);
    assert_int_equal(report.n_reason[RECS_REJECT_CONTEXT], 4);
    assert_string_equal(context_of(d, "a", "y"),
                        "a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1");

    recs_dataset_close(d);
}


static void
test_events(void **state)
{
    recs_dataset_t  *d;

    (void) state;

    d = import(RECS_FORMAT_EVENTS,
               "{\"id\":\"1\",\"ts\":1700000000000,\"user\":\"a\","
               "\"event\":\"view\",\"item\":\"x\","
               "\"context\":{\"country\":\"de\"}}\n"
               "{\"id\":\"2\",\"ts\":1700000001000,\"user\":\"a\","
               "\"event\":\"click\",\"item\":\"x\","
               "\"context\":{\"country\":\"fr\"}}\n"
               "{\"id\":\"2\",\"ts\":1700000002000,\"user\":\"a\","
               "\"event\":\"click\",\"item\":\"x\","
               "\"context\":{\"country\":\"it\"}}\n"
               "{\"id\":\"3\",\"ts\":1700000002000,\"user\":\"b\","
               "\"event\":\"view\",\"item\":\"x\",\"context\":{}}\n");

    assert_string_equal(context_of(d, "a", "x"), "country=fr");
    assert_string_equal(context_of(d, "b", "x"), "");
    assert_true(recs_dataset_view(d)->weights[0] == 2.0f);
    recs_dataset_close(d);
}


static void
test_csv(void **state)
{
    recs_dataset_t  *d;

    (void) state;

    d = import(RECS_FORMAT_CSV,
               "user,context.country,item,context.device,contexts\n"
               "a,de,x,phone,1\n"
               "b,,x,tablet,1\n"
               "b,f=r,y,,1\n");

    assert_int_equal(report.n_rejected, 0);
    assert_string_equal(context_of(d, "a", "x"), "country=de device=phone");
    assert_string_equal(context_of(d, "b", "x"), "device=tablet");
    assert_string_equal(context_of(d, "b", "y"), "");
    recs_dataset_close(d);
}


static void
test_csv_header(void **state)
{
    size_t                  i;
    const char             *path;
    recs_dataset_t         *d;
    recs_import_options_t   options;

    static const char *const  headers[] = {
        "user,item,context.Country\na,b,c\n",
        "user,item,context.\na,b,c\n",
        "user,item,context.a,context.a\na,b,c,d\n",
        ("user,item,context.a,context.b,context.c,context.d,context.e,"
         "context.f,context.g,context.h,context.i\na,b,,,,,,,,,\n")
    };

    (void) state;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        memset(&options, 0, sizeof(options));
        path = recs_temp_text("input", headers[i]);
        options.format = RECS_FORMAT_CSV;
        options.inputs = &path;
        options.n_inputs = 1;

        assert_int_equal(recs_import_memory(&options, &d, &report, &err),
                         RECS_INVALID);
        assert_non_null(strstr(err.message, "at most 8 contexts"));
    }
}


/* Data without contexts is what it was, in a file of the first version. */
static void
test_without(void **state)
{
    FILE                   *f;
    recs_dataset_t         *d;
    recs_dataset_header_t   header;

    (void) state;

    d = import(RECS_FORMAT_CSV, "user,item\na,x\nb,x\nb,y\n");
    assert_null(recs_dataset_view(d)->contexts.numbers);

    assert_int_equal(recs_dataset_write(recs_dataset_view(d),
                                        recs_temp_path("data"), &err),
                     RECS_OK);
    recs_dataset_close(d);

    f = fopen(recs_temp_path("data"), "rb");
    assert_int_equal(fread(&header, sizeof(header), 1, f), 1);
    fclose(f);
    assert_int_equal(header.version, RECS_DATASET_PLAIN);

    assert_int_equal(recs_dataset_open(&d, recs_temp_path("data"), &err),
                     RECS_OK);
    assert_null(recs_dataset_view(d)->contexts.numbers);
    recs_dataset_close(d);
}


static recs_dataset_t *
written(void)
{
    recs_dataset_t  *d;

    d = import(RECS_FORMAT_JSONL, JSONL);

    if (recs_dataset_write(recs_dataset_view(d), recs_temp_path("data"), &err)
        != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    recs_dataset_close(d);

    if (recs_dataset_open(&d, recs_temp_path("data"), &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return d;
}


static void
test_file(void **state)
{
    recs_dataset_t  *d;

    (void) state;

    d = written();

    assert_string_equal(context_of(d, "a", "x"), "country=de device=phone");
    assert_string_equal(context_of(d, "a", "y"), "country=at hour=9");
    assert_string_equal(context_of(d, "b", "x"), "");
    assert_string_equal(context_of(d, "b", "z"), "device=tablet");

    recs_dataset_close(d);
}


static void
test_split(void **state)
{
    uint64_t                    k, n;
    const char                 *text;
    recs_split_t                split;
    recs_dataset_t             *d, *train;
    recs_split_params_t         params;
    const recs_dataset_view_t  *v;

    (void) state;

    d = written();

    assert_int_equal(recs_split_parse(&params, "last=0.5", &err), RECS_OK);
    assert_int_equal(recs_split(recs_dataset_view(d), &params, &split, &err),
                     RECS_OK);
    assert_int_equal(recs_split_write(&split, recs_temp_path("train"),
                                      recs_temp_path("test"), &err), RECS_OK);

    /* a: x stays; b: one of three. */

    assert_int_equal(recs_dataset_open(&train, recs_temp_path("train"), &err),
                     RECS_OK);
    assert_string_equal(context_of(train, "a", "x"),
                        "country=de device=phone");

    v = recs_dataset_view(split.test);
    n = 0;

    for (k = 0; k < v->n_interactions; k++) {
        text = context_at(v, k);
        n += strcmp(text, "country=at hour=9") == 0
             || strcmp(text, "device=tablet") == 0;
    }

    assert_int_equal(n, 2);

    recs_dataset_close(train);
    recs_split_free(&split);
    recs_dataset_close(d);
}


static char    *bytes;
static size_t   size;


static void
reseal(recs_dataset_header_t *h)
{
    h->payload_hash = XXH3_64bits(h + 1, size - sizeof(*h));
    h->header_hash = XXH3_64bits(h, offsetof(recs_dataset_header_t,
                                             header_hash));
}


/* The u32 at a place replaced, checksums made to fit. */
static void
refused(void *place, uint32_t value, const char *words)
{
    uint32_t         old;
    const char      *path;
    recs_dataset_t  *d;

    memcpy(&old, place, 4);
    memcpy(place, &value, 4);
    reseal((recs_dataset_header_t *) (void *) bytes);

    path = recs_temp_write("bad", bytes, size);
    assert_int_equal(recs_dataset_open(&d, path, &err), RECS_CORRUPT);

    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }

    memcpy(place, &old, 4);
}


static void
test_hostile(void **state)
{
    FILE                     *f;
    char                     *names;
    uint32_t                 *numbers, *rows, i;
    recs_dataset_t           *d;
    recs_section_t           *s;
    recs_dataset_contexts_t  *tail;

    (void) state;

    recs_dataset_close(written());

    f = fopen(recs_temp_path("data"), "rb");
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size = (size_t) ftell(f);
    rewind(f);
    bytes = malloc(size);
    assert_int_equal(fread(bytes, 1, size, f), size);
    fclose(f);

    tail = (void *) (bytes + size - sizeof(*tail));
    s = tail->sections;
    numbers = (void *) (bytes + s[0].offset);
    rows = (void *) (bytes + s[1].offset);
    names = bytes + s[2].offset;

    refused(&tail->n_contexts, 0, "contexts");
    refused(&tail->n_contexts, 5, "bounds of the contexts");
    refused(&tail->n_contexts, UINT32_MAX, "bounds of the contexts");
    refused(&tail->n_segments, 4, "names of the segments");
    refused(&tail->n_segments, 6, "names of the segments");
    refused(&tail->n_segments, UINT32_MAX, "number of the contexts");

    for (i = 0; i < 3; i++) {
        refused(&s[i].offset, 0, "bounds of the contexts");
        refused(&s[i].offset, (uint32_t) size, "bounds of the contexts");
        refused(&s[i].offset, (uint32_t) s[i].offset + 4, "bounds of the");
        refused(&s[i].size, UINT32_MAX, "bounds of the contexts");
    }

    refused(&numbers[0], 4, "number of a context");
    refused(&numbers[2], UINT32_MAX, "number of a context");
    refused(&rows[0], 1, "a context");
    refused(&rows[RECS_CONTEXTS_MAX], 5, "a context");
    refused(&rows[RECS_CONTEXTS_MAX], 4, "a context");
    refused(&rows[2 * RECS_CONTEXTS_MAX - 1], 4, "a context");

    /* behind the last one, so that they rise */
    for (i = RECS_CONTEXTS_MAX; rows[i] != RECS_CONTEXT_END; i++) {
        /* void */
    }

    assert_true(i > RECS_CONTEXTS_MAX && i < 2 * RECS_CONTEXTS_MAX);
    refused(&rows[i], 5, "a context");

    refused(names, 0x7a7a7a7a, "name of a segment");
    refused(names, 0x41414141, "name of a segment");

    ((recs_dataset_header_t *) (void *) bytes)->version = 3;
    assert_int_equal(recs_dataset_open(&d, recs_temp_write("bad", bytes, size),
                                       &err), RECS_VERSION);

    free(bytes);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_jsonl),
        cmocka_unit_test(test_jsonl_rejects),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_csv_header),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_hostile)
    };

    return cmocka_run_group_tests_name("import_contexts", tests, NULL, NULL);
}
