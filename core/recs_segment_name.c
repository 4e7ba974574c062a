#include "recs_segment_name.h"

#include <string.h>


int
recs_context_value_valid(const char *value, size_t len)
{
    return len <= RECS_CONTEXT_VALUE_MAX
           && recs_id_valid(value, len)
           && memchr(value, '|', len) == NULL
           && memchr(value, '=', len) == NULL;
}


size_t
recs_segment_name(char *text, recs_str_t name, recs_str_t value)
{
    if (!recs_name_valid(name.data, name.len)
        || !recs_context_value_valid(value.data, value.len))
    {
        return 0;
    }

    memcpy(text, name.data, name.len);
    text[name.len] = '=';
    memcpy(text + name.len + 1, value.data, value.len);

    return name.len + 1 + value.len;
}


int
recs_segment_name_valid(const char *text, size_t len)
{
    size_t       n;
    const char  *equals;

    equals = len > 0 ? memchr(text, '=', len) : NULL;

    if (equals == NULL) {
        return 0;
    }

    n = (size_t) (equals - text);

    return recs_name_valid(text, n)
           && recs_context_value_valid(equals + 1, len - n - 1);
}
