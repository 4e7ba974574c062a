#include "recs_columns.h"

#include <string.h>


#define RECS_COLUMN_ALIASES  12


/* The best first. */

static const char *const
    recs_column_aliases[RECS_COLUMN_ROLES][RECS_COLUMN_ALIASES] =
{
    { "user", "userid", "uid", "visitor", "visitorid", "customer",
      "customerid", NULL },
    { "item", "itemid", "iid", "movieid", "product", "productid", "articleid",
      "sku", NULL },
    { "timestamp", "time", "ts", "timestampms", "datetime", "date",
      "eventtime", "createdat", NULL },
    { "value", "rating", "weight", "score", "count", NULL },
    { "event", "eventtype", "eventname", "action", NULL }
};


static int recs_column_same(const char *alias, recs_str_t name);


const char *
recs_column_role_name(recs_column_role_t role)
{
    static const char *const  names[] = {
        "user", "item", "time", "value", "event"
    };

    return names[role];
}


const char *
recs_column_option(const recs_import_options_t *options,
    recs_column_role_t role)
{
    switch (role) {

    case RECS_COLUMN_USER:
        return options->user_column;

    case RECS_COLUMN_ITEM:
        return options->item_column;

    case RECS_COLUMN_TIME:
        return options->time_column;

    case RECS_COLUMN_VALUE:
        return options->value_column;

    case RECS_COLUMN_EVENT:
        return options->event_column;

    default:
        return NULL;
    }
}


int
recs_column_fit(recs_column_role_t role, const char *option, recs_str_t name)
{
    int                 i;
    const char *const  *aliases;

    if (option != NULL) {
        return strlen(option) == name.len
               && memcmp(option, name.data, name.len) == 0;
    }

    aliases = recs_column_aliases[role];

    for (i = 0; aliases[i] != NULL; i++) {
        if (recs_column_same(aliases[i], name)) {
            return RECS_COLUMN_ALIASES - i;
        }
    }

    return 0;
}


static int
recs_column_same(const char *alias, recs_str_t name)
{
    char    c;
    size_t  i;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (c == '_' || c == '-' || c == ' ') {
            continue;
        }

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (*alias != c || c == '\0') {
            return 0;
        }

        alias++;
    }

    return *alias == '\0';
}
