/*
 * The lines of an experiment, one function each.
 */

#include "recs_experiment_private.h"


#define RECS_EXPERIMENT_THOUSAND    1000     /* parts of a namespace */
#define RECS_EXPERIMENT_VERSION     255
#define RECS_EXPERIMENT_WORDS_MAX   8        /* of a line */

typedef struct {
    const char      *name;
    uint32_t         min_words;
    uint32_t         max_words;
    int              once;
    recs_status_t  (*set)(recs_experiment_t *x, const recs_str_t *words,
                          uint32_t n_words, recs_error_t *err);
} recs_experiment_line_t;


static int
recs_word_is(recs_str_t word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}


/* Decimal digits up to max, with `decimals` of them behind a point; -1: no. */
static int32_t
recs_word_number(recs_str_t word, unsigned decimals, int32_t max)
{
    size_t    i;
    int32_t   number;
    unsigned  left, point;

    number = 0;
    left = decimals;
    point = 0;

    for (i = 0; i < word.len; i++) {

        if (word.data[i] == '.' && decimals > 0 && !point && i > 0
            && i + 1 < word.len)
        {
            point = 1;
            continue;
        }

        if (word.data[i] < '0' || word.data[i] > '9' || (point && left == 0)) {
            return -1;
        }

        left -= point;
        number = number * 10 + (word.data[i] - '0');

        if (number > max) {
            return -1;
        }
    }

    for ( /* void */ ; left > 0; left--) {
        number *= 10;
    }

    return word.len > 0 && number <= max ? number : -1;
}


/* Hundredths of a percent. */
static int32_t
recs_word_percent(recs_str_t word)
{
    return recs_word_number(word, 2, RECS_EXPERIMENT_ONE);
}


/* [A-Za-z0-9._-]{1,32}: it stands in headers, logs and addresses. */
static int
recs_variant_name_valid(recs_str_t name)
{
    size_t  i;
    char    c;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
        {
            return 0;
        }
    }

    return name.len > 0 && name.len <= RECS_VARIANT_NAME_MAX;
}


static recs_status_t
recs_experiment_set_salt(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    (void) n_words;

    if (words[1].len > RECS_ID_MAX) {
        return recs_error(err, RECS_INVALID, "the salt is longer than %d "
                          "bytes", RECS_ID_MAX);
    }

    x->salt = words[1];

    return RECS_OK;
}


static recs_status_t
recs_experiment_set_hash(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    (void) n_words;

    if (!recs_bucket_hash_find(words[1], &x->hash)) {
        return recs_error(err, RECS_INVALID, "unknown hash \"%.*s\", it is "
                          "growthbook2, growthbook1, split_clients or "
                          "optimizely", RECS_WORD(words[1]));
    }

    return RECS_OK;
}


static recs_status_t
recs_experiment_set_namespace(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    int32_t  lo, hi;

    (void) n_words;

    lo = recs_word_number(words[2], 0, RECS_EXPERIMENT_THOUSAND);
    hi = recs_word_number(words[3], 0, RECS_EXPERIMENT_THOUSAND);

    if (!recs_id_valid(words[1].data, words[1].len) || lo < 0 || hi <= lo) {
        return recs_error(err, RECS_INVALID, "invalid namespace \"%.*s\" "
                          "%.*s %.*s, it is a name and from which part of "
                          "1000 up to which", RECS_WORD(words[1]),
                          RECS_WORD(words[2]), RECS_WORD(words[3]));
    }

    x->namespace_name = words[1];
    x->namespace_lo = (uint32_t) lo;
    x->namespace_hi = (uint32_t) hi;

    return RECS_OK;
}


static recs_status_t
recs_experiment_set_holdout(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    int32_t  percent;

    (void) n_words;

    /* It is logged as an experiment of that name. */

    if (!recs_name_valid(words[1].data, words[1].len)) {
        return recs_error(err, RECS_INVALID, "invalid holdout name \"%.*s\", "
                          "it must match [a-z][a-z0-9_]{0,31}",
                          RECS_WORD(words[1]));
    }

    percent = recs_word_number(words[2], 1, RECS_EXPERIMENT_THOUSAND);

    if (percent < 0) {
        return recs_error(err, RECS_INVALID, "invalid holdout \"%.*s\", it is "
                          "a percentage with one decimal at most",
                          RECS_WORD(words[2]));
    }

    x->holdout_name = words[1];
    x->holdout = (uint32_t) percent;

    return RECS_OK;
}


static recs_status_t
recs_experiment_set_coverage(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    int32_t  percent;

    (void) n_words;

    percent = recs_word_percent(words[1]);

    if (percent < 0) {
        return recs_error(err, RECS_INVALID, "invalid coverage \"%.*s\", it "
                          "is a percentage with two decimals at most",
                          RECS_WORD(words[1]));
    }

    x->coverage = (double) percent / RECS_EXPERIMENT_ONE;

    return RECS_OK;
}


static recs_status_t
recs_experiment_set_variant(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    int32_t  weight;

    (void) n_words;

    if (!recs_variant_name_valid(words[1])) {
        return recs_error(err, RECS_INVALID, "invalid variant name \"%.*s\", "
                          "it must match [A-Za-z0-9._-]{1,32}",
                          RECS_WORD(words[1]));
    }

    if (recs_experiment_variant(x, words[1]) >= 0) {
        return recs_error(err, RECS_INVALID, "duplicate variant \"%.*s\"",
                          RECS_WORD(words[1]));
    }

    if (x->n_variants == RECS_VARIANTS_MAX) {
        return recs_error(err, RECS_INVALID, "more than %d variants",
                          RECS_VARIANTS_MAX);
    }

    weight = recs_word_percent(words[2]);

    if (weight < 0) {
        return recs_error(err, RECS_INVALID, "invalid weight \"%.*s\" of "
                          "variant \"%.*s\", it is a percentage with two "
                          "decimals at most", RECS_WORD(words[2]),
                          RECS_WORD(words[1]));
    }

    x->variants[x->n_variants] = words[1];
    x->weights[x->n_variants] = (double) weight / RECS_EXPERIMENT_ONE;
    x->n_variants++;

    return RECS_OK;
}


/* "version=3": the number, -1 where it is none of ours. */
static int32_t
recs_word_version(recs_str_t word, const char *key)
{
    size_t  len;

    len = strlen(key);

    if (word.len < len || memcmp(word.data, key, len) != 0) {
        return -1;
    }

    word.data += len;
    word.len -= len;

    return recs_word_number(word, 0, RECS_EXPERIMENT_VERSION);
}


static recs_status_t
recs_experiment_set_sticky(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    int32_t   version, min;
    uint32_t  i;

    x->sticky = recs_word_is(words[1], "on");

    if (!x->sticky && !recs_word_is(words[1], "off")) {
        return recs_error(err, RECS_INVALID, "invalid sticky \"%.*s\", it is "
                          "on or off", RECS_WORD(words[1]));
    }

    for (i = 2; i < n_words; i++) {
        version = recs_word_version(words[i], "version=");
        min = recs_word_version(words[i], "min=");

        if (version >= 0) {
            x->bucket_version = (uint8_t) version;

        } else if (min >= 0) {
            x->min_version = (uint8_t) min;

        } else {
            return recs_error(err, RECS_INVALID, "invalid parameter \"%.*s\" "
                              "of sticky, there are version=N and min=N, 0 "
                              "to %d", RECS_WORD(words[i]),
                              RECS_EXPERIMENT_VERSION);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_experiment_set_override(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    (void) n_words;

    if (recs_word_is(words[1], "signed")) {
        x->override = RECS_OVERRIDE_SIGNED;

    } else if (recs_word_is(words[1], "query")) {
        x->override = RECS_OVERRIDE_QUERY;

    } else if (recs_word_is(words[1], "off")) {
        x->override = RECS_OVERRIDE_OFF;

    } else {
        return recs_error(err, RECS_INVALID, "invalid override \"%.*s\", it "
                          "is signed, query or off", RECS_WORD(words[1]));
    }

    return RECS_OK;
}


static const recs_experiment_line_t  recs_experiment_lines[] = {
    { "salt",      2, 2, 1, recs_experiment_set_salt },
    { "hash",      2, 2, 1, recs_experiment_set_hash },
    { "namespace", 4, 4, 1, recs_experiment_set_namespace },
    { "holdout",   3, 3, 1, recs_experiment_set_holdout },
    { "coverage",  2, 2, 1, recs_experiment_set_coverage },
    { "sticky",    2, 4, 1, recs_experiment_set_sticky },
    { "override",  2, 2, 1, recs_experiment_set_override },
    { "variant",   3, RECS_EXPERIMENT_WORDS_MAX, 0,
      recs_experiment_set_variant }
};

#define RECS_EXPERIMENT_N_LINES                                               \
    (sizeof(recs_experiment_lines) / sizeof(recs_experiment_lines[0]))


recs_status_t
recs_experiment_set(recs_experiment_t *x, const recs_str_t *words,
    uint32_t n_words, recs_error_t *err)
{
    uint32_t                       i;
    const recs_experiment_line_t  *line;

    for (i = 0; i < RECS_EXPERIMENT_N_LINES; i++) {
        if (recs_word_is(words[0], recs_experiment_lines[i].name)) {
            break;
        }
    }

    if (i == RECS_EXPERIMENT_N_LINES) {
        return recs_error(err, RECS_NOT_FOUND, "unknown directive \"%.*s\"",
                          RECS_WORD(words[0]));
    }

    line = &recs_experiment_lines[i];

    if (n_words < line->min_words || n_words > line->max_words) {
        return recs_error(err, RECS_INVALID, "invalid number of arguments in "
                          "\"%s\" directive", line->name);
    }

    if (line->once && x->seen & 1u << i) {
        return recs_error(err, RECS_INVALID, "\"%s\" directive is duplicate",
                          line->name);
    }

    x->seen |= 1u << i;

    return line->set(x, words, n_words, err);
}
