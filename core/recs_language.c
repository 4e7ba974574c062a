#include "recs_language.h"

#include <string.h>

#include <unicode/uscript.h>


#define RECS_LANGUAGE_CODE_LEN  2


static const struct {
    char  code[RECS_LANGUAGE_CODE_LEN + 1];
    int   script;
} recs_languages[] = {
#define RECS_LANGUAGE_ROW(symbol, code, script)  { code, USCRIPT_##script },
    RECS_LANGUAGE_MAP(RECS_LANGUAGE_ROW)
#undef RECS_LANGUAGE_ROW
};


static char
recs_language_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}


recs_language_t
recs_language_find(recs_str_t code)
{
    uint32_t  i;

    if (code.len < RECS_LANGUAGE_CODE_LEN
        || (code.len > RECS_LANGUAGE_CODE_LEN
            && code.data[RECS_LANGUAGE_CODE_LEN] != '-'
            && code.data[RECS_LANGUAGE_CODE_LEN] != '_'))
    {
        return RECS_LANGUAGE_COUNT;
    }

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        if (recs_language_lower(code.data[0]) == recs_languages[i].code[0]
            && recs_language_lower(code.data[1]) == recs_languages[i].code[1])
        {
            break;
        }
    }

    return (recs_language_t) i;
}


const char *
recs_language_code(recs_language_t language)
{
    return recs_languages[language].code;
}


recs_languages_t
recs_languages_of(recs_language_t language)
{
    int               script;
    uint32_t          i;
    recs_languages_t  of, same;

    of = 0;

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        script = recs_languages[i].script;
        same = recs_languages_in(script);

        if ((of & same) == 0) {
            of |= (recs_languages_t) 1
                  << (language < RECS_LANGUAGE_COUNT
                      && recs_languages[language].script == script
                      ? (uint32_t) language : i);
        }
    }

    return of;
}


recs_languages_t
recs_languages_in(int script)
{
    uint32_t          i;
    recs_languages_t  in;

    in = 0;

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        if (recs_languages[i].script == script) {
            in |= (recs_languages_t) 1 << i;
        }
    }

    return in;
}


int
recs_languages_parse(recs_str_t text, recs_languages_t *languages)
{
    size_t            at;
    recs_str_t        code;
    recs_language_t   language;
    recs_languages_t  parsed;

    parsed = 0;

    for (at = 0; at < text.len; at += RECS_LANGUAGE_CODE_LEN + 1) {

        if (text.len - at < RECS_LANGUAGE_CODE_LEN
            || (at > 0 && text.data[at - 1] != ','))
        {
            return 0;
        }

        code.data = text.data + at;
        code.len = RECS_LANGUAGE_CODE_LEN;
        language = recs_language_find(code);

        if (language == RECS_LANGUAGE_COUNT) {
            return 0;
        }

        parsed |= (recs_languages_t) 1 << language;
    }

    /* A comma that nothing follows. */
    if (text.len > 0 && at != text.len + 1) {
        return 0;
    }

    *languages = parsed;

    return 1;
}


void
recs_languages_format(recs_languages_t languages,
    char text[RECS_LANGUAGES_TEXT_MAX])
{
    char      *p;
    uint32_t   i;

    p = text;

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        if (languages >> i & 1) {
            if (p > text) {
                *p++ = ',';
            }

            memcpy(p, recs_languages[i].code, RECS_LANGUAGE_CODE_LEN);
            p += RECS_LANGUAGE_CODE_LEN;
        }
    }

    *p = '\0';
}
