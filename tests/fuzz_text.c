/*
 * Words of arbitrary bytes, by the languages that the first ones say.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recs_text.h"


#define BYTES_MAX  1024


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t             n, last;
    recs_str_t           value;
    recs_term_t          term;
    recs_error_t         err;
    recs_languages_t     languages;
    static recs_text_t  *text;

    if (text == NULL
        && recs_text_create(&text, BYTES_MAX, RECS_LANGUAGES_ALL, &err)
           != RECS_OK)
    {
        abort();
    }

    if (size < sizeof(recs_languages_t)) {
        return 0;
    }

    memcpy(&languages, data, sizeof(recs_languages_t));
    value.data = (const char *) data + sizeof(recs_languages_t);
    value.len = size - sizeof(recs_languages_t);

    recs_text_start(text, value, languages);
    last = 0;

    for (n = 0; recs_text_next(text, &term); n++) {

        /* Words in their order, stems that can be read. */
        if (term.word < last || term.word > last + 1
            || term.stem.len > 4 * RECS_TEXT_WORD_MAX
            || memchr(term.stem.data, 0xff, term.stem.len) != NULL)
        {
            abort();
        }

        last = term.word;
    }

    if (n > 2 * (size_t) BYTES_MAX * RECS_LANGUAGE_COUNT) {
        abort();
    }

    recs_text_start(text, value, languages);

    for ( /* void */ ; recs_text_next(text, &term); n--) {
        /* void */
    }

    if (n != 0) {
        abort();
    }

    return 0;
}
