#include "recs_item_terms.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "recs_text.h"


#define RECS_BAG_ROOM  4096


typedef struct {
    recs_item_terms_t      *terms;
    const recs_entities_t  *items;
    recs_text_t            *text;
    uint32_t                language;     /* column, or RECS_COLUMN_NO */
    uint32_t                item;
} recs_item_reader_t;


static const char *const  recs_item_unread[] = { "url", "image", "language" };

#define RECS_ITEM_N_UNREAD                                                    \
    (sizeof(recs_item_unread) / sizeof(recs_item_unread[0]))


static int
recs_bag_compare(const void *a, const void *b)
{
    uint64_t  x, y;

    x = *(const uint64_t *) a;
    y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


static recs_status_t
recs_bag_add(recs_bags_t *bags, uint32_t item, uint64_t hash)
{
    uint64_t  n, size, *hashes;

    n = bags->offsets[item + 1];

    if (n == bags->size) {
        size = 2 * bags->size + RECS_BAG_ROOM;
        hashes = realloc(bags->hashes, size * sizeof(uint64_t));

        if (hashes == NULL) {
            return RECS_NOMEM;
        }

        bags->hashes = hashes;
        bags->size = size;
    }

    bags->hashes[n] = hash;
    bags->offsets[item + 1]++;

    return RECS_OK;
}


/* An item's hashes sorted; the next item's begin where they end. */
static void
recs_bag_end(recs_bags_t *bags, uint32_t item, uint32_t n_items)
{
    uint64_t  first, n;

    first = bags->offsets[item];
    n = bags->offsets[item + 1] - first;

    if (n > 0) {
        qsort(bags->hashes + first, n, sizeof(uint64_t), recs_bag_compare);
    }

    if (item + 1 < n_items) {
        bags->offsets[item + 2] = bags->offsets[item + 1];
    }
}


/* Each hash once, with its count. */
static recs_status_t
recs_bags_count(recs_bags_t *bags, uint32_t n_items)
{
    uint32_t  item;
    uint64_t  i, n, end;

    bags->counts = malloc((bags->offsets[n_items] + 1) * sizeof(float));
    if (bags->counts == NULL) {
        return RECS_NOMEM;
    }

    i = 0;
    n = 0;

    for (item = 0; item < n_items; item++) {
        end = bags->offsets[item + 1];
        bags->offsets[item] = n;

        for ( /* void */ ; i < end; i++) {
            if (n > bags->offsets[item]
                && bags->hashes[n - 1] == bags->hashes[i])
            {
                bags->counts[n - 1] += 1;
                continue;
            }

            bags->hashes[n] = bags->hashes[i];
            bags->counts[n++] = 1;
        }
    }

    bags->offsets[n_items] = n;

    return RECS_OK;
}


static void
recs_bags_free(recs_bags_t *bags)
{
    free(bags->offsets);
    free(bags->hashes);
    free(bags->counts);
}


static int
recs_item_column_unread(const char *name)
{
    uint32_t  i;

    for (i = 0; i < RECS_ITEM_N_UNREAD; i++) {
        if (strcmp(name, recs_item_unread[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
recs_item_address(recs_str_t value)
{
    return (value.len > 0 && value.data[0] == '/')
           || (value.len > 7 && memcmp(value.data, "http://", 7) == 0)
           || (value.len > 8 && memcmp(value.data, "https://", 8) == 0);
}


static int
recs_item_has_letter(recs_str_t value)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < value.len; i++) {
        c = (unsigned char) value.data[i];

        if (c >= 0x80 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
            return 1;
        }
    }

    return 0;
}


uint32_t
recs_item_language_column(const recs_entities_t *items)
{
    uint32_t  i;

    for (i = 0; i < items->n_columns; i++) {
        if (strcmp(items->columns[i], "language") == 0) {
            return i;
        }
    }

    return RECS_COLUMN_NO;
}


recs_language_t
recs_item_language(recs_str_t record, uint32_t column)
{
    recs_str_t  value;

    if (column == RECS_COLUMN_NO) {
        return RECS_LANGUAGE_COUNT;
    }

    value = recs_record_attribute(record, column);

    return recs_language_find(value);
}


static recs_status_t
recs_item_read_words(recs_item_reader_t *r, recs_str_t value)
{
    uint32_t       language;
    recs_term_t    term;
    recs_status_t  status;

    status = RECS_OK;
    language = r->terms->item_languages[r->item];

    recs_text_start(r->text, value,
                    recs_languages_of((recs_language_t) language));

    while (status == RECS_OK && recs_text_next(r->text, &term)) {
        status = recs_bag_add(&r->terms->words, r->item, term.hash);
    }

    return status;
}


static recs_status_t
recs_item_read_labels(recs_item_reader_t *r, uint32_t column,
    recs_str_t value)
{
    char           label[RECS_LABEL_MAX];
    size_t         i, j, len;
    recs_status_t  status;

    status = RECS_OK;

    for (i = 0; i < value.len && status == RECS_OK; i += len + 1) {
        for (len = 0; i + len < value.len && value.data[i + len] != '|'; len++)
        {
            /* void */
        }

        if (len == 0 || len > RECS_LABEL_MAX) {
            continue;
        }

        for (j = 0; j < len; j++) {
            label[j] = value.data[i + j];

            if (label[j] >= 'A' && label[j] <= 'Z') {
                label[j] |= 0x20;
            }
        }

        status = recs_bag_add(&r->terms->labels, r->item,
                              XXH3_64bits_withSeed(label, len, column + 1));
    }

    return status;
}


static recs_status_t
recs_item_read(recs_item_reader_t *r)
{
    size_t         pos;
    uint32_t       column;
    recs_str_t     record, value;
    recs_status_t  status;

    record = r->items->record(r->items->data, r->item);
    status = RECS_OK;
    pos = 0;

    r->terms->item_languages[r->item] =
        (uint8_t) recs_item_language(record, r->language);

    while (status == RECS_OK
           && recs_record_next(record, &pos, &column, &value))
    {
        if (recs_item_column_unread(r->items->columns[column])
            || recs_item_address(value))
        {
            continue;
        }

        if (recs_item_has_letter(value)) {
            status = recs_item_read_words(r, value);
        }

        if (status == RECS_OK) {
            status = recs_item_read_labels(r, column, value);
        }
    }

    recs_bag_end(&r->terms->words, r->item, r->items->n);
    recs_bag_end(&r->terms->labels, r->item, r->items->n);

    return status;
}


static recs_status_t
recs_item_terms_alloc(recs_item_terms_t *terms, uint32_t n_items)
{
    terms->n_items = n_items;
    terms->words.offsets = calloc((size_t) n_items + 1, sizeof(uint64_t));
    terms->labels.offsets = calloc((size_t) n_items + 1, sizeof(uint64_t));
    terms->item_languages = malloc((size_t) n_items + 1);

    return terms->words.offsets != NULL && terms->labels.offsets != NULL
           && terms->item_languages != NULL ? RECS_OK : RECS_NOMEM;
}


recs_status_t
recs_item_terms_create(recs_item_terms_t *terms, const recs_entities_t *items,
    recs_error_t *err)
{
    recs_status_t       status;
    recs_item_reader_t  r;

    r.terms = terms;
    r.items = items;
    r.text = NULL;

    r.language = recs_item_language_column(items);

    status = recs_text_create(&r.text, RECS_TEXT_BYTES_MAX,
                              RECS_LANGUAGES_ALL, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_item_terms_alloc(terms, items->n);

    for (r.item = 0; r.item < items->n && status == RECS_OK; r.item++) {
        status = recs_item_read(&r);
    }

    if (status == RECS_OK) {
        status = recs_bags_count(&terms->words, items->n);
    }

    if (status == RECS_OK) {
        status = recs_bags_count(&terms->labels, items->n);
    }

    terms->languages = recs_text_stemmed(r.text);
    recs_text_destroy(r.text);

    if (status != RECS_OK) {
        recs_item_terms_free(terms);
        return recs_error(err, status, "no memory for the words of %u items",
                          items->n);
    }

    return RECS_OK;
}


void
recs_item_terms_free(recs_item_terms_t *terms)
{
    recs_bags_free(&terms->words);
    recs_bags_free(&terms->labels);
    free(terms->item_languages);
    memset(terms, 0, sizeof(recs_item_terms_t));
}
