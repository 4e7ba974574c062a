#include "recs_text.h"

#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>
#include <unicode/ubrk.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <xxhash.h>


/* Casefolding may make a text longer: so much of it is looked at. */
#define RECS_TEXT_FOLDED(units)  (2 * (units) + 64)

/* Loads the dictionary of Chinese and Japanese before the first question. */
#define RECS_TEXT_WARM_UP  "\xe5\xaf\x86\xe7\xa0\x81 \xe3\x81\xae word"


struct recs_text_s {
    const UNormalizer2  *fold;
    UBreakIterator      *words;
    struct sb_stemmer   *stemmers[RECS_LANGUAGE_COUNT];

    size_t               bytes_max;
    UChar               *units;           /* [bytes_max] as it came */
    UChar               *folded;          /* [n_folded_max] */
    int32_t              n_folded_max;
    int32_t              n_folded;

    recs_languages_t     known;           /* that have a stemmer here */
    recs_languages_t     languages;       /* of this text */
    recs_languages_t     stemmed;
    int32_t              start;           /* of the next word */
    uint32_t             n_words;

    /* The word under way, and the stems it had. */
    char                 word[RECS_TEXT_WORD_MAX];
    int32_t              word_len;
    recs_languages_t     left;            /* languages still to be tried */
    uint64_t             hashes[RECS_LANGUAGE_COUNT];
    uint32_t             n_hashes;
};


static recs_status_t
recs_text_open(recs_text_t *t, recs_languages_t languages, recs_error_t *err)
{
    uint32_t    i;
    UErrorCode  status;

    status = U_ZERO_ERROR;
    t->fold = unorm2_getNFKCCasefoldInstance(&status);

    /* What ICU's dictionaries go by: without it they would be loaded anew at
       each character, for ever. */
    (void) unorm2_getNFKCInstance(&status);

    /* The root locale's rules are those of every language here. */
    t->words = ubrk_open(UBRK_WORD, "", NULL, 0, &status);

    if (status == U_MEMORY_ALLOCATION_ERROR) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    if (U_FAILURE(status)) {
        return recs_error(err, RECS_IO, "ICU cannot find words: %s; is its "
                          "data (libicu) whole?", u_errorName(status));
    }

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        if ((languages >> i & 1) == 0) {
            continue;
        }

        t->stemmers[i] = sb_stemmer_new(recs_language_code((recs_language_t) i),
                                        "UTF_8");

        if (t->stemmers[i] == NULL) {
            return recs_error(err, RECS_IO, "no memory for the stemmer of "
                              "\"%s\", or libstemmer has none",
                              recs_language_code((recs_language_t) i));
        }
    }

    return RECS_OK;
}


recs_status_t
recs_text_create(recs_text_t **text, size_t bytes_max,
    recs_languages_t languages, recs_error_t *err)
{
    recs_str_t     warm;
    recs_text_t   *t;
    recs_term_t   term;
    recs_status_t  status;

    t = calloc(1, sizeof(recs_text_t));
    if (t == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    t->known = languages & RECS_LANGUAGES_ALL;
    t->bytes_max = bytes_max < RECS_TEXT_BYTES_MAX ? bytes_max
                                                   : RECS_TEXT_BYTES_MAX;
    t->n_folded_max = (int32_t) RECS_TEXT_FOLDED(t->bytes_max);
    t->units = malloc((t->bytes_max + 1) * sizeof(UChar));
    t->folded = malloc((size_t) t->n_folded_max * sizeof(UChar));

    status = t->units != NULL && t->folded != NULL
             ? recs_text_open(t, languages, err)
             : recs_error(err, RECS_NOMEM, "out of memory");

    if (status != RECS_OK) {
        recs_text_destroy(t);
        return status;
    }

    warm.data = RECS_TEXT_WARM_UP;
    warm.len = sizeof(RECS_TEXT_WARM_UP) - 1;

    recs_text_start(t, warm, 0);

    while (recs_text_next(t, &term)) {
        /* void */
    }

    *text = t;

    return RECS_OK;
}


void
recs_text_destroy(recs_text_t *text)
{
    uint32_t  i;

    if (text == NULL) {
        return;
    }

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        if (text->stemmers[i] != NULL) {
            sb_stemmer_delete(text->stemmers[i]);
        }
    }

    if (text->words != NULL) {
        ubrk_close(text->words);
    }

    free(text->units);
    free(text->folded);
    free(text);
}


/* As much of it as there is room for, when it is folded. */
static int32_t
recs_text_fold(recs_text_t *t, int32_t n)
{
    int32_t     n_folded;
    UErrorCode  status;

    for ( /* void */ ; n > 0; n /= 2) {
        status = U_ZERO_ERROR;
        n_folded = unorm2_normalize(t->fold, t->units, n, t->folded,
                                    t->n_folded_max, &status);

        if (status != U_BUFFER_OVERFLOW_ERROR) {
            return U_SUCCESS(status) ? n_folded : 0;
        }
    }

    return 0;
}


void
recs_text_start(recs_text_t *t, recs_str_t data, recs_languages_t languages)
{
    int32_t     n, i;
    UErrorCode  status;

    t->languages = languages & t->known;
    t->n_words = 0;
    t->left = 0;
    t->n_folded = 0;
    t->start = UBRK_DONE;

    if (data.len == 0) {
        return;
    }

    status = U_ZERO_ERROR;

    u_strFromUTF8WithSub(t->units, (int32_t) t->bytes_max, &n, data.data,
                         (int32_t) (data.len < t->bytes_max ? data.len
                                                            : t->bytes_max),
                         0xfffd, NULL, &status);

    if (U_FAILURE(status)) {
        return;
    }

    t->n_folded = recs_text_fold(t, n);

    /* Stemmers know the apostrophe of typewriters. */
    for (i = 0; i < t->n_folded; i++) {
        if (t->folded[i] == 0x2019) {
            t->folded[i] = '\'';
        }
    }

    ubrk_setText(t->words, t->folded, t->n_folded, &status);

    if (U_SUCCESS(status)) {
        t->start = ubrk_first(t->words);
    }
}


/* Takes over what stands from start to end, unless it is too long. */
static int
recs_text_take(recs_text_t *t, int32_t start, int32_t end)
{
    UChar32      first;
    UErrorCode   status, script_status;
    UScriptCode  script;

    status = U_ZERO_ERROR;

    u_strToUTF8(t->word, RECS_TEXT_WORD_MAX, &t->word_len, t->folded + start,
                end - start, &status);

    if (U_FAILURE(status) || t->word_len > RECS_TEXT_WORD_MAX) {
        return 0;
    }

    script_status = U_ZERO_ERROR;
    U16_GET(t->folded, start, start, end, first);
    script = uscript_getScript(first, &script_status);

    t->n_hashes = 0;
    t->left = t->languages & recs_languages_in((int) script);

    return 1;
}


/* Finds the next word; 0 where there is none. */
static int
recs_text_word(recs_text_t *t)
{
    int32_t  start, end;

    for ( ;; ) {
        if (t->start == UBRK_DONE) {
            return 0;
        }

        start = t->start;
        end = ubrk_next(t->words);
        t->start = end;

        if (end == UBRK_DONE) {
            return 0;
        }

        if (ubrk_getRuleStatus(t->words) >= UBRK_WORD_NONE_LIMIT
            && recs_text_take(t, start, end))
        {
            t->n_words++;
            return 1;
        }
    }
}


static void
recs_text_term(recs_text_t *t, const char *stem, int32_t len,
    recs_term_t *term)
{
    term->stem.data = stem;
    term->stem.len = (size_t) len;
    term->hash = XXH3_64bits(stem, (size_t) len);
    term->word = t->n_words - 1;
}


/* 1: by one of the languages that are left it has a stem that is new. */
static int
recs_text_stem(recs_text_t *t, recs_term_t *term)
{
    uint32_t           i, j;
    const sb_symbol   *stem;

    while (t->left != 0) {
        i = (uint32_t) __builtin_ctz(t->left);
        t->left &= t->left - 1;

        stem = sb_stemmer_stem(t->stemmers[i], (const sb_symbol *) t->word,
                               t->word_len);
        if (stem == NULL) {
            continue;
        }

        recs_text_term(t, (const char *) stem,
                        sb_stemmer_length(t->stemmers[i]), term);
        t->stemmed |= (recs_languages_t) 1 << i;

        for (j = 0; j < t->n_hashes && t->hashes[j] != term->hash; j++) {
            /* void */
        }

        if (j == t->n_hashes) {
            t->hashes[t->n_hashes++] = term->hash;
            return 1;
        }
    }

    return 0;
}


int
recs_text_next(recs_text_t *t, recs_term_t *term)
{
    for ( ;; ) {
        if (recs_text_stem(t, term)) {
            return 1;
        }

        if (!recs_text_word(t)) {
            return 0;
        }

        if (t->left == 0) {
            recs_text_term(t, t->word, t->word_len, term);
            return 1;
        }
    }
}


recs_languages_t
recs_text_stemmed(const recs_text_t *text)
{
    return text->stemmed;
}
