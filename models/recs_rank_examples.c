#include "recs_rank_examples.h"

#include <stdlib.h>
#include <string.h>

#include "recs_rank_contexts.h"
#include "recs_recommend.h"
#include "recs_rng.h"


/* How often an item is drawn anew that was found or drawn before. */
#define RECS_RANK_TRIES  10


typedef struct {
    recs_rank_examples_t       *examples;
    uint64_t                    room;             /* examples, */
    uint64_t                    hash_room;        /* hashes that fit */
    const recs_bundle_t        *bundle;
    const recs_bundle_view_t   *view;
    const recs_dataset_view_t  *test;
    recs_scratch_t             *scratch;
    recs_features_t            *features;
    recs_rng_t                  rng;

    uint32_t                   *numbers;          /* [n_items] by index */
    recs_bitmap_word_t         *wanted;           /* of one user; by number */
    recs_bitmap_word_t         *blocked;          /* all but those drawn */
    recs_answer_item_t         *items;            /* [RECS_COUNT_MAX] */
    uint32_t                    n_items;
} recs_rank_builder_t;


static recs_status_t
recs_rank_no_memory(recs_error_t *err)
{
    return recs_error(err, RECS_NOMEM, "no memory for examples to rank");
}


void
recs_rank_examples_free(recs_rank_examples_t *e)
{
    free(e->users);
    free(e->offsets);
    free(e->items);
    free(e->labels);
    free(e->found);
    free(e->retrieved);
    free(e->numeric);
    free(e->hash_offsets);
    free(e->hashes);
    memset(e, 0, sizeof(recs_rank_examples_t));
}


/* Room for a user's examples; *array is kept where there is no more. */
static int
recs_rank_grow_array(void *array, uint64_t n, size_t size)
{
    void  *grown;

    grown = realloc(*(void **) array, n * size);

    if (grown != NULL) {
        *(void **) array = grown;
    }

    return grown != NULL;
}


static recs_status_t
recs_rank_grow(recs_rank_builder_t *b, uint32_t n, recs_error_t *err)
{
    uint64_t               hashes;
    recs_rank_examples_t  *e;

    e = b->examples;
    hashes = (e->n > 0 ? e->hash_offsets[e->n] : 0)
             + (uint64_t) n * RECS_FEATURES_HASHED_MAX;

    if (e->n + n > b->room) {
        b->room = 2 * (e->n + n);

        if (!recs_rank_grow_array(&e->items, b->room, sizeof(uint32_t))
            || !recs_rank_grow_array(&e->labels, b->room, sizeof(float))
            || !recs_rank_grow_array(&e->found, b->room, 1)
            || !recs_rank_grow_array(&e->retrieved, b->room, sizeof(float))
            || !recs_rank_grow_array(&e->numeric, b->room,
                                     RECS_FEATURE_COUNT * sizeof(float))
            || !recs_rank_grow_array(&e->hash_offsets, b->room + 1,
                                     sizeof(uint64_t)))
        {
            return recs_rank_no_memory(err);
        }

        if (e->n == 0) {
            e->hash_offsets[0] = 0;
        }
    }

    if (hashes > b->hash_room) {
        b->hash_room = hashes + hashes / 2;

        if (!recs_rank_grow_array(&e->hashes, b->hash_room,
                                  sizeof(uint64_t)))
        {
            return recs_rank_no_memory(err);
        }
    }

    return RECS_OK;
}


static void
recs_rank_add(recs_rank_builder_t *b, uint32_t item, float retrieved,
    int found)
{
    uint64_t               i;
    recs_rank_examples_t  *e;

    e = b->examples;
    i = e->n++;

    e->items[i] = b->view->item_order[item];
    e->labels[i] = recs_bitmap_test(b->wanted, item) ? 1.0f : 0.0f;
    e->found[i] = found != 0;
    e->retrieved[i] = retrieved;

    recs_features_numeric(b->features, item, retrieved,
                          e->numeric + i * RECS_FEATURE_COUNT);
    e->hash_offsets[i + 1] = e->hash_offsets[i]
        + recs_features_hashed(b->features, item,
                               e->hashes + e->hash_offsets[i]);
}


/* Appends what the PERSONAL rung answers. */
static uint32_t
recs_rank_ask(recs_rank_builder_t *b, const recs_query_t *query)
{
    uint32_t       i, n;
    recs_answer_t  answer;

    answer.items = b->items + b->n_items;
    recs_recommend(b->bundle, b->scratch, query, &answer);

    for (i = n = 0; i < answer.n; i++) {
        if (answer.items[i].source == RECS_SOURCE_PERSONAL) {
            answer.items[n++] = answer.items[i];
        }
    }

    b->n_items += n;

    return n;
}


/*
 * Items drawn from all that were not found.  The scorer tells those scores,
 * too: it is asked with all others blocked.
 */
static void
recs_rank_ask_drawn(recs_rank_builder_t *b, recs_query_t *query)
{
    uint32_t  i, j, n, tries, item, drawn[RECS_RANK_DRAWN];

    for (n = tries = 0; n < RECS_RANK_DRAWN
                        && tries < RECS_RANK_TRIES * RECS_RANK_DRAWN; tries++)
    {
        item = (uint32_t) (recs_rng_next(&b->rng) % b->view->n_items);

        for (j = 0; j < b->n_items && b->items[j].item != item; j++) {
            /* void */
        }

        if (j == b->n_items && recs_bitmap_test(b->blocked, item)) {
            recs_bitmap_clear(b->blocked, item);
            drawn[n++] = item;
        }
    }

    query->blocked = b->blocked;
    query->count = n;
    (void) recs_rank_ask(b, query);

    for (i = 0; i < n; i++) {
        recs_bitmap_set(b->blocked, drawn[i]);
    }
}


static void
recs_rank_want(recs_rank_builder_t *b, uint32_t user, int wanted)
{
    uint32_t  item;
    uint64_t  k;

    for (k = b->test->user_offsets[user];
         k < b->test->user_offsets[user + 1];
         k++)
    {
        item = b->numbers[b->test->items[k]];

        if (wanted) {
            recs_bitmap_set(b->wanted, item);

        } else {
            recs_bitmap_clear(b->wanted, item);
        }
    }
}


static recs_status_t
recs_rank_add_user(recs_rank_builder_t *b, uint32_t user, recs_error_t *err)
{
    uint32_t               i, n_found;
    recs_query_t           query;
    recs_status_t          rc;
    recs_rank_visitor_t    visitor;
    recs_rank_context_t    contexts[RECS_CONTEXTS_MAX];
    recs_rank_examples_t  *e;

    e = b->examples;
    b->n_items = 0;

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.user = recs_record_id(b->test->user_entities.record(
                                    b->test->user_entities.data, user));
    query.exclude_seen = 1;
    query.count = RECS_RANK_FOUND;
    query.contexts = contexts;
    query.n_contexts = recs_rank_contexts(b->test, user, contexts);

    n_found = recs_rank_ask(b, &query);

    if (n_found == 0) {
        return RECS_OK;
    }

    recs_rank_want(b, user, 1);
    recs_rank_ask_drawn(b, &query);
    rc = recs_rank_grow(b, b->n_items, err);

    if (rc == RECS_OK
        && recs_recommend_visitor(b->bundle, b->scratch, &query, &visitor))
    {
        recs_features_visitor(b->features, &visitor);

        for (i = 0; i < b->n_items; i++) {
            recs_rank_add(b, b->items[i].item, b->items[i].score,
                          i < n_found);
        }

        e->users[e->n_users++] = user;
        e->offsets[e->n_users] = e->n;
    }

    recs_rank_want(b, user, 0);

    return rc;
}


/* Users with something held out, evenly spaced where they are many. */
static recs_status_t
recs_rank_add_users(recs_rank_builder_t *b, recs_error_t *err)
{
    uint32_t       user, at, n;
    recs_status_t  rc;

    for (user = n = 0; user < b->test->n_users; user++) {
        n += b->test->user_offsets[user] < b->test->user_offsets[user + 1];
    }

    rc = RECS_OK;

    for (user = at = 0; user < b->test->n_users && rc == RECS_OK; user++) {
        if (b->test->user_offsets[user] == b->test->user_offsets[user + 1]) {
            continue;
        }

        if (n <= RECS_RANK_USERS
            || (uint64_t) at * RECS_RANK_USERS / n
               != (uint64_t) (at + 1) * RECS_RANK_USERS / n)
        {
            rc = recs_rank_add_user(b, user, err);
        }

        at++;
    }

    return rc;
}


static recs_status_t
recs_rank_builder_init(recs_rank_builder_t *b, recs_error_t *err)
{
    size_t         words;
    uint32_t       i;
    recs_status_t  rc;

    words = recs_bitmap_words(b->view->n_items);

    b->numbers = malloc(b->view->n_items * sizeof(uint32_t));
    b->wanted = calloc(words, sizeof(recs_bitmap_word_t));
    b->blocked = malloc(words * sizeof(recs_bitmap_word_t));
    b->items = malloc(RECS_COUNT_MAX * sizeof(recs_answer_item_t));
    b->examples->users = malloc(RECS_RANK_USERS * sizeof(uint32_t));
    b->examples->offsets = calloc(RECS_RANK_USERS + 1, sizeof(uint64_t));

    if (b->numbers == NULL || b->wanted == NULL || b->blocked == NULL
        || b->items == NULL || b->examples->users == NULL
        || b->examples->offsets == NULL)
    {
        return recs_rank_no_memory(err);
    }

    memset(b->blocked, 0xff, words * sizeof(recs_bitmap_word_t));

    for (i = 0; i < b->view->n_items; i++) {
        b->numbers[b->view->item_order[i]] = i;
    }

    rc = recs_scratch_create(&b->scratch, b->bundle, err);

    return rc == RECS_OK ? recs_features_create(&b->features, b->bundle, err)
                         : rc;
}


static void
recs_rank_builder_free(recs_rank_builder_t *b)
{
    free(b->numbers);
    free(b->wanted);
    free(b->blocked);
    free(b->items);
    recs_scratch_destroy(b->scratch);
    recs_features_destroy(b->features);
}


recs_status_t
recs_rank_examples_create(recs_rank_examples_t *examples,
    const recs_bundle_t *bundle, const recs_split_t *split, uint64_t seed,
    recs_error_t *err)
{
    recs_status_t         rc;
    recs_rank_builder_t   b;
    recs_rank_examples_t  e;

    memset(&b, 0, sizeof(recs_rank_builder_t));
    memset(&e, 0, sizeof(recs_rank_examples_t));

    b.examples = &e;
    b.bundle = bundle;
    b.view = recs_bundle_view(bundle);
    b.test = recs_dataset_view(split->test);
    recs_rng_seed(&b.rng, seed);

    rc = recs_rank_builder_init(&b, err);

    if (rc == RECS_OK) {
        rc = recs_rank_add_users(&b, err);
    }

    if (rc == RECS_OK && e.n == 0) {
        rc = recs_error(err, RECS_INVALID, "nothing to learn a ranking from: "
                        "no user with two interactions or more has a personal "
                        "list of this model (popularity has none)");
    }

    recs_rank_builder_free(&b);

    if (rc != RECS_OK) {
        recs_rank_examples_free(&e);
        return rc;
    }

    *examples = e;

    return RECS_OK;
}
