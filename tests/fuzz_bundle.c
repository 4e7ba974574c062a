/*
 * A hostile bundle with a valid seal.  The input is a list of patches, each
 * of 5 bytes: u16 page, u16 offset within it, u8 value; they are applied to
 * a good bundle, which is sealed again, opened with every check and, where
 * that succeeds, asked for its golden answers, for what is popular in each of
 * its segments, for items by their hashes and for what users get in sessions
 * and for a question, and filtered.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "recs_filter.h"
#include "recs_fixture.h"
#include "recs_golden.h"
#include "recs_item_hash.h"
#include "recs_recommend.h"
#include "recs_seal.h"
#include "recs_segment.h"


#define FUZZ_PATCH    5
#define FUZZ_PATCHES  64
#define FUZZ_COUNT    10
#define FUZZ_RECENT   64
#define FUZZ_TERMS    20


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static uint8_t  *fuzz_good;
static size_t    fuzz_size;
static int       fuzz_fd;


static void
fuzz_make_good(void)
{
    int                     fd;
    char                    path[] = "/tmp/recs_fuzz_XXXXXX";
    struct stat             st;
    recs_fixture_t         *fixture;
    recs_fixture_params_t   p = { .n_items = 300, .n_users = 60,
                                  .n_factors = 8, .n_neighbors = 20,
                                  .n_segments = 20, .n_trees = 4,
                                  .n_logistic = 7,
                                  .n_hidden = 16, .n_terms = FUZZ_TERMS,
                                  .times = 1 };

    close(mkstemp(path));

    fixture = recs_fixture_create(&p);
    fixture->term_hashes[FUZZ_TERMS - 1] = XXH3_64bits("word", 4);

    if (recs_model_write(&fixture->model, path, NULL) != RECS_OK) {
        abort();
    }

    recs_fixture_destroy(fixture);

    fd = open(path, O_RDONLY);
    unlink(path);

    if (fd == -1 || fstat(fd, &st) == -1) {
        abort();
    }

    fuzz_size = (size_t) st.st_size;
    fuzz_good = mmap(NULL, fuzz_size, PROT_READ, MAP_PRIVATE, fd, 0);
    fuzz_fd = memfd_create("fuzz", 0);

    if (fuzz_good == MAP_FAILED || fuzz_fd == -1) {
        abort();
    }

    close(fd);
}


/* Whatever a filter leaves is an item. */
static void
fuzz_filter(const recs_bundle_t *bundle, const recs_filter_term_t *terms,
    uint32_t n_terms)
{
    uint32_t         i, n_items, order;
    recs_filter_t    filter;
    recs_allowed_t   allowed;

    if (recs_filter_resolve(&filter, bundle, terms, n_terms, NULL)
        != RECS_OK)
    {
        return;
    }

    recs_filter_allowed(bundle, &filter, &allowed);

    n_items = recs_bundle_view(bundle)->n_items;
    order = 0;

    for (i = 0; i < allowed.n_items; i++) {
        order |= recs_bundle_view(bundle)->item_order[allowed.items[i]];
    }

    for (i = 0; allowed.bits != NULL && i < n_items; i++) {
        order |= (uint32_t) recs_bitmap_test(allowed.bits, i);
    }

    if (order == UINT32_MAX) {
        abort();
    }

    recs_filter_free(&filter);
}


static void
fuzz_filters(const recs_bundle_t *bundle)
{
    uint32_t                  pos, i;
    recs_filter_term_t        terms[2];
    recs_filter_attribute_t   attribute;

    static const recs_str_t  values[] = {
        { "every", 5 }, { "half1", 5 }, { "r5", 2 }, { "t0", 2 }, { "zzz", 3 }
    };

    for (pos = 0; recs_filter_attribute_next(bundle, &pos, &attribute); ) {

        terms[0].attribute = recs_bundle_item_column_name(bundle,
                                                          attribute.column);
        terms[0].n_values = 1;
        terms[1] = terms[0];
        terms[1].values = values;
        terms[1].n_values = 5;

        for (i = 0; i < 5; i++) {
            terms[0].values = &values[i];
            fuzz_filter(bundle, terms, 1);
            fuzz_filter(bundle, terms, 2);
        }
    }
}


/* Whatever is asked, an answer's items are items. */
static void
fuzz_ask(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query)
{
    uint32_t            i;
    recs_answer_t       answer;
    recs_answer_item_t  items[FUZZ_COUNT];

    answer.items = items;
    recs_recommend(bundle, scratch, query, &answer);

    for (i = 0; i < answer.n; i++) {
        if (items[i].item >= recs_bundle_view(bundle)->n_items) {
            abort();
        }
    }
}


/* Each segment is found by its name, and with its neighbours changes ranks. */
static void
fuzz_segments(const recs_bundle_t *bundle, recs_scratch_t *scratch)
{
    uint32_t                   i, segments[3];
    recs_query_t               query;
    recs_segment_t             segment;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_POPULAR;
    query.count = FUZZ_COUNT;
    query.segments = segments;
    query.n_segments = 3;

    for (i = 0; i < view->segment_spans.n_rows; i++) {
        recs_segment_get(view, i, &segment);

        if (recs_segment_find(view, segment.name) != i) {
            abort();
        }

        segments[0] = i;
        segments[1] = i + 1;
        segments[2] = i / 2;
        fuzz_ask(bundle, scratch, &query);
    }
}


/* Items by their hashes: an item of the model, or none. */
static void
fuzz_hashes(const recs_bundle_t *bundle)
{
    uint32_t                   i, item;
    recs_str_t                 id;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    for (i = 0; i < view->n_items; i++) {
        id = recs_record_id(recs_bundle_item_record(bundle, i));
        item = recs_bundle_item_by_hash(bundle, recs_item_hash(id));

        if (item >= view->n_items && item != RECS_ITEM_NO) {
            abort();
        }
    }
}


/* Sessions of 1, 8 and 64 items, by every rung that searches, twice each. */
static void
fuzz_sessions(const recs_bundle_t *bundle, recs_scratch_t *scratch)
{
    uint32_t                   i, recent[FUZZ_RECENT];
    recs_query_t               query;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    for (i = 0; i < FUZZ_RECENT; i++) {
        recent[i] = i * 7 % (view->n_items + 1);
    }

    memset(&query, 0, sizeof(recs_query_t));
    query.count = FUZZ_COUNT;
    query.recent = recent;
    query.explore = 1;
    query.question.data = "a word";
    query.question.len = 6;

    for (i = 1; i <= FUZZ_RECENT; i *= 8) {
        query.n_recent = i;
        query.recency = i / 3;
        query.random = i;
        query.asks = i > 1;
        query.question_weight = 1 / (float) i;
        query.item = recs_record_id(recs_bundle_item_record(bundle,
                                                    i % view->n_items));

        if (view->n_users > 0) {
            query.user = recs_record_id(recs_bundle_user_record(bundle,
                                                    i % view->n_users));
        }

        for (query.strategy = RECS_SOURCE_PERSONAL;
             query.strategy <= RECS_SOURCE_SIMILAR;
             query.strategy++)
        {
            fuzz_ask(bundle, scratch, &query);
            fuzz_ask(bundle, scratch, &query);
        }
    }
}


static void
fuzz_answers(const recs_bundle_t *bundle)
{
    recs_scratch_t  *scratch;

    if (recs_scratch_create(&scratch, bundle, NULL) != RECS_OK) {
        abort();
    }

    fuzz_segments(bundle, scratch);
    fuzz_sessions(bundle, scratch);
    recs_scratch_destroy(scratch);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          i, at;
    unsigned        n_checked;
    recs_bundle_t  *bundle;

    if (fuzz_good == NULL) {
        fuzz_make_good();
    }

    if (pwrite(fuzz_fd, fuzz_good, fuzz_size, 0) != (ssize_t) fuzz_size) {
        abort();
    }

    for (i = 0; i + FUZZ_PATCH <= size && i < FUZZ_PATCH * FUZZ_PATCHES;
         i += FUZZ_PATCH)
    {
        at = (size_t) (data[i] | data[i + 1] << 8) * 4096
             + (size_t) (data[i + 2] | data[i + 3] << 8) % 4096;

        if (pwrite(fuzz_fd, &data[i + 4], 1,
                   (off_t) (at % (fuzz_size - RECS_SEAL_SIZE))) != 1)
        {
            abort();
        }
    }

    if (recs_seal_write(fuzz_fd, "fuzz", fuzz_size - RECS_SEAL_SIZE, NULL)
        != RECS_OK)
    {
        abort();
    }

    if (recs_bundle_open_fd(&bundle, fuzz_fd, "fuzz", 0, NULL) == RECS_OK) {
        (void) recs_golden_check(bundle, 1000, &n_checked, NULL);
        fuzz_filters(bundle);
        fuzz_hashes(bundle);
        fuzz_answers(bundle);
        recs_bundle_close(bundle);
    }

    return 0;
}
