/*
 * recs_language: the languages whose words are brought to their stems, those
 * of Snowball, by their two-letter codes (ISO 639-1).
 *
 * A text's language says how words in that language's script are stemmed.
 * Words in another script, and all words of a text whose language nobody
 * gave, are taken for the first language of their script in the map below:
 * Latin for English, Cyrillic for Russian.  Chinese, Japanese, Korean and Thai
 * words have no stems; they stay as they are.
 */

#ifndef _RECS_LANGUAGE_H_INCLUDED_
#define _RECS_LANGUAGE_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"


/* Symbol, code, ICU's name of the script; the first of a script is meant
   where none was given. */
#define RECS_LANGUAGE_MAP(XX)                                                 \
    XX(ENGLISH,    "en", LATIN)                                               \
    XX(GERMAN,     "de", LATIN)                                               \
    XX(FRENCH,     "fr", LATIN)                                               \
    XX(SPANISH,    "es", LATIN)                                               \
    XX(ITALIAN,    "it", LATIN)                                               \
    XX(PORTUGUESE, "pt", LATIN)                                               \
    XX(DUTCH,      "nl", LATIN)                                               \
    XX(SWEDISH,    "sv", LATIN)                                               \
    XX(DANISH,     "da", LATIN)                                               \
    XX(NORWEGIAN,  "no", LATIN)                                               \
    XX(FINNISH,    "fi", LATIN)                                               \
    XX(HUNGARIAN,  "hu", LATIN)                                               \
    XX(ROMANIAN,   "ro", LATIN)                                               \
    XX(TURKISH,    "tr", LATIN)                                               \
    XX(CATALAN,    "ca", LATIN)                                               \
    XX(INDONESIAN, "id", LATIN)                                               \
    XX(IRISH,      "ga", LATIN)                                               \
    XX(BASQUE,     "eu", LATIN)                                               \
    XX(LITHUANIAN, "lt", LATIN)                                               \
    XX(RUSSIAN,    "ru", CYRILLIC)                                            \
    XX(SERBIAN,    "sr", CYRILLIC)                                            \
    XX(GREEK,      "el", GREEK)                                               \
    XX(ARABIC,     "ar", ARABIC)                                              \
    XX(HINDI,      "hi", DEVANAGARI)                                          \
    XX(NEPALI,     "ne", DEVANAGARI)                                          \
    XX(TAMIL,      "ta", TAMIL)                                               \
    XX(ARMENIAN,   "hy", ARMENIAN)                                            \
    XX(YIDDISH,    "yi", HEBREW)

typedef enum {
#define RECS_LANGUAGE_ENUM(symbol, code, script)  RECS_LANGUAGE_##symbol,
    RECS_LANGUAGE_MAP(RECS_LANGUAGE_ENUM)
#undef RECS_LANGUAGE_ENUM
    RECS_LANGUAGE_COUNT
} recs_language_t;

/* A set: bit 1 << language. */
typedef uint32_t  recs_languages_t;

#define RECS_LANGUAGES_ALL       (((recs_languages_t) 1                       \
                                   << RECS_LANGUAGE_COUNT) - 1)

/* "en,de,...": every code and a comma. */
#define RECS_LANGUAGES_TEXT_MAX  (3 * RECS_LANGUAGE_COUNT + 1)


/* "de", "de-AT", "DE_de"; RECS_LANGUAGE_COUNT: none of them. */
recs_language_t recs_language_find(recs_str_t code);
const char *recs_language_code(recs_language_t language);

/* The one for each script, as above; RECS_LANGUAGE_COUNT: not known. */
recs_languages_t recs_languages_of(recs_language_t language);

/* Those whose script, a UScriptCode, it is. */
recs_languages_t recs_languages_in(int script);

/* As "en,de": 1, or 0 for anything else; and back, NUL-terminated. */
int recs_languages_parse(recs_str_t text, recs_languages_t *languages);
void recs_languages_format(recs_languages_t languages,
    char text[RECS_LANGUAGES_TEXT_MAX]);


#endif /* _RECS_LANGUAGE_H_INCLUDED_ */
