#include "recs_said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>


static recs_record_builder_t  builder;

static const char *const  columns[] = { "kind", "language", "text", "url" };


static recs_str_t
str(const char *text)
{
    return (recs_str_t) { text, strlen(text) };
}


static recs_str_t
said_record(void *data, uint32_t index)
{
    char           id[16];
    uint32_t       i;
    const recs_said_t  *said;

    said = (const recs_said_t *) data + index;
    const char *const values[] = { said->kind, said->language, said->text };

    snprintf(id, sizeof(id), "i%05u", index);
    assert_int_equal(recs_record_begin(&builder, str(id)), RECS_OK);

    for (i = 0; i < 3; i++) {
        if (values[i] != NULL) {
            assert_int_equal(recs_record_add(&builder, i, str(values[i])),
                             RECS_OK);
        }
    }

    assert_int_equal(recs_record_add(&builder, 3, str("/page/item")),
                     RECS_OK);

    return recs_record_end(&builder);
}


recs_entities_t
recs_said_entities(const recs_said_t *said, uint32_t n)
{
    recs_entities_t  e;

    e.n = n;
    e.n_columns = 4;
    e.columns = columns;
    e.record = said_record;
    e.data = (void *) (uintptr_t) said;

    return e;
}


void
recs_said_free(void)
{
    recs_record_free(&builder);
    memset(&builder, 0, sizeof(recs_record_builder_t));
}
