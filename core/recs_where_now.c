#include "recs_where_now.h"

#include <string.h>


int
recs_where_signed(recs_str_t text)
{
    return text.len > 0 && (text.data[0] == '+' || text.data[0] == '-');
}


int
recs_where_is_now(const recs_where_token_t *t)
{
    recs_str_t  rest;

    if (t->kind != RECS_TOKEN_WORD || t->text.len < 3
        || memcmp(t->text.data, "now", 3) != 0)
    {
        return 0;
    }

    rest.data = t->text.data + 3;
    rest.len = t->text.len - 3;

    return rest.len == 0 || recs_where_signed(rest);
}


int
recs_where_offset(recs_str_t text, int64_t *ms)
{
    size_t       i, unit;
    int64_t      n;

    static const char     units[] = "smhdw";
    static const int64_t  seconds[] = { 1, 60, 3600, 86400, 604800 };

    n = 0;

    for (i = 1; i + 1 < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9'
            || n > (int64_t) RECS_WHERE_DAYS_MAX * 86400)
        {
            return 0;
        }

        n = n * 10 + (text.data[i] - '0');
    }

    for (unit = 0; units[unit] != '\0'; unit++) {
        if (text.len >= 3 && text.data[text.len - 1] == units[unit]
            && n <= (int64_t) RECS_WHERE_DAYS_MAX * 86400 / seconds[unit])
        {
            n *= seconds[unit] * 1000;
            *ms = text.data[0] == '-' ? -n : n;
            return 1;
        }
    }

    return 0;
}
