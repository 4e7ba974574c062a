#include "recs_dataset.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "recs_dataset_format.h"
#include "recs_file.h"


/* The file with the running hash of what follows the header. */
typedef struct {
    recs_file_t           *file;
    recs_dataset_header_t  header;
    recs_dataset_contexts_t contexts;
    XXH3_state_t          *hash;
} recs_dataset_writer_t;


static recs_status_t recs_dataset_put_all(recs_dataset_writer_t *w,
    const recs_dataset_view_t *view, recs_error_t *err);
static recs_status_t recs_dataset_put_records(recs_dataset_writer_t *w,
    const recs_entities_t *entities, recs_section_id_t first,
    recs_error_t *err);
static recs_status_t recs_dataset_put_contexts(recs_dataset_writer_t *w,
    const recs_dataset_view_t *view, recs_error_t *err);
static recs_section_t *recs_dataset_section(recs_dataset_writer_t *w,
    recs_section_id_t section);
static recs_status_t recs_dataset_pad(recs_dataset_writer_t *w,
    recs_error_t *err);
static recs_status_t recs_dataset_put_bytes(recs_dataset_writer_t *w,
    const void *data, uint64_t size, recs_error_t *err);
static recs_status_t recs_dataset_put(recs_dataset_writer_t *w,
    recs_section_id_t section, const void *data, uint64_t size,
    recs_error_t *err);
static recs_status_t recs_dataset_begin(recs_dataset_writer_t *w,
    recs_section_id_t section, recs_error_t *err);
static recs_status_t recs_dataset_add(recs_dataset_writer_t *w,
    recs_section_id_t section, const void *data, uint64_t size,
    recs_error_t *err);
static recs_status_t recs_dataset_finish(recs_dataset_writer_t *w,
    const recs_dataset_view_t *view, recs_error_t *err);
static recs_dataset_writer_t *recs_dataset_writer_create(recs_error_t *err);
static void recs_dataset_writer_free(recs_dataset_writer_t *w);


recs_status_t
recs_dataset_write(const recs_dataset_view_t *view, const char *path,
    recs_error_t *err)
{
    recs_file_t    *file;
    recs_status_t   status;

    file = malloc(sizeof(recs_file_t));
    if (file == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write \"%s\"", path);
    }

    status = recs_file_create(file, path, err);

    if (status == RECS_OK) {
        status = recs_dataset_write_file(view, file, err);

        if (status == RECS_OK) {
            status = recs_file_commit(file, err);

        } else {
            recs_file_abort(file);
        }
    }

    free(file);

    return status;
}


recs_status_t
recs_dataset_write_file(const recs_dataset_view_t *view, recs_file_t *file,
    recs_error_t *err)
{
    recs_status_t           status;
    recs_dataset_writer_t  *w;

    w = recs_dataset_writer_create(err);
    if (w == NULL) {
        return RECS_NOMEM;
    }

    w->file = file;
    status = recs_dataset_put_all(w, view, err);

    recs_dataset_writer_free(w);

    return status;
}


static recs_status_t
recs_dataset_put_all(recs_dataset_writer_t *w,
    const recs_dataset_view_t *view, recs_error_t *err)
{
    uint64_t       n;
    recs_status_t  status;

    n = view->n_interactions;

    status = recs_file_write(w->file, &w->header, sizeof(w->header), err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_dataset_put(w, RECS_SECTION_USER_OFFSETS,
                              view->user_offsets, (view->n_users + 1ull) * 8,
                              err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_dataset_put(w, RECS_SECTION_ITEMS, view->items, n * 4, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_dataset_put(w, RECS_SECTION_WEIGHTS, view->weights, n * 4,
                              err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_dataset_put(w, RECS_SECTION_TIMES, view->times_ms, n * 8,
                              err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_dataset_put_records(w, &view->item_entities,
                                      RECS_SECTION_ITEM_OFFSETS, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_dataset_put_records(w, &view->user_entities,
                                      RECS_SECTION_RECORD_OFFSETS, err);
    if (status != RECS_OK) {
        return status;
    }

    if (view->contexts.numbers != NULL) {
        status = recs_dataset_put_contexts(w, view, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return recs_dataset_finish(w, view, err);
}


/* Offsets, records and columns: three sections in a row. */

static recs_status_t
recs_dataset_put_records(recs_dataset_writer_t *w,
    const recs_entities_t *entities, recs_section_id_t first,
    recs_error_t *err)
{
    uint32_t       i;
    uint64_t       offset;
    recs_str_t     record;
    recs_status_t  status;

    status = recs_dataset_begin(w, first, err);
    offset = 0;

    for (i = 0; i <= entities->n && status == RECS_OK; i++) {
        status = recs_dataset_add(w, first, &offset, sizeof(offset), err);

        if (i < entities->n) {
            record = entities->record(entities->data, i);
            offset += record.len;
        }
    }

    if (status == RECS_OK) {
        status = recs_dataset_begin(w, first + 1, err);
    }

    for (i = 0; i < entities->n && status == RECS_OK; i++) {
        record = entities->record(entities->data, i);
        status = recs_dataset_add(w, first + 1, record.data, record.len, err);
    }

    if (status == RECS_OK) {
        status = recs_dataset_begin(w, first + 2, err);
    }

    for (i = 0; i < entities->n_columns && status == RECS_OK; i++) {
        status = recs_dataset_add(w, first + 2, entities->columns[i],
                                  strlen(entities->columns[i]) + 1, err);
    }

    return status;
}


static recs_status_t
recs_dataset_put_contexts(recs_dataset_writer_t *w,
    const recs_dataset_view_t *view, recs_error_t *err)
{
    uint32_t                i;
    recs_status_t           status;
    const recs_contexts_t  *c;

    c = &view->contexts;

    status = recs_dataset_put(w, RECS_SECTION_CONTEXTS, c->numbers,
                              view->n_interactions * 4, err);

    if (status == RECS_OK) {
        status = recs_dataset_put(w, RECS_SECTION_CONTEXT_ROWS, c->rows,
                                  (uint64_t) c->n * RECS_CONTEXTS_MAX * 4,
                                  err);
    }

    if (status == RECS_OK) {
        status = recs_dataset_begin(w, RECS_SECTION_SEGMENTS, err);
    }

    for (i = 0; i < c->n_segments && status == RECS_OK; i++) {
        status = recs_dataset_add(w, RECS_SECTION_SEGMENTS, c->segments[i],
                                  strlen(c->segments[i]) + 1, err);
    }

    if (status == RECS_OK) {
        status = recs_dataset_pad(w, err);
    }

    if (status != RECS_OK) {
        return status;
    }

    w->contexts.n_contexts = c->n;
    w->contexts.n_segments = c->n_segments;

    return recs_dataset_put_bytes(w, &w->contexts, sizeof(w->contexts), err);
}


static recs_section_t *
recs_dataset_section(recs_dataset_writer_t *w, recs_section_id_t section)
{
    return section < RECS_SECTION_COUNT
           ? &w->header.sections[section]
           : &w->contexts.sections[section - RECS_SECTION_COUNT];
}


static recs_status_t
recs_dataset_put(recs_dataset_writer_t *w, recs_section_id_t section,
    const void *data, uint64_t size, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_dataset_begin(w, section, err);
    if (status != RECS_OK) {
        return status;
    }

    return recs_dataset_add(w, section, data, size, err);
}


static recs_status_t
recs_dataset_begin(recs_dataset_writer_t *w, recs_section_id_t section,
    recs_error_t *err)
{
    recs_status_t  status;

    status = recs_dataset_pad(w, err);
    recs_dataset_section(w, section)->offset = w->file->offset;

    return status;
}


static recs_status_t
recs_dataset_add(recs_dataset_writer_t *w, recs_section_id_t section,
    const void *data, uint64_t size, recs_error_t *err)
{
    recs_dataset_section(w, section)->size += size;

    return recs_dataset_put_bytes(w, data, size, err);
}


static recs_status_t
recs_dataset_pad(recs_dataset_writer_t *w, recs_error_t *err)
{
    size_t             n;
    static const char  zeros[RECS_DATASET_ALIGN];

    n = (RECS_DATASET_ALIGN - w->file->offset % RECS_DATASET_ALIGN)
        % RECS_DATASET_ALIGN;

    return recs_dataset_put_bytes(w, zeros, n, err);
}


static recs_status_t
recs_dataset_put_bytes(recs_dataset_writer_t *w, const void *data,
    uint64_t size, recs_error_t *err)
{
    if (size == 0) {
        return RECS_OK;
    }

    XXH3_64bits_update(w->hash, data, (size_t) size);

    return recs_file_write(w->file, data, (size_t) size, err);
}


static recs_status_t
recs_dataset_finish(recs_dataset_writer_t *w, const recs_dataset_view_t *view,
    recs_error_t *err)
{
    recs_dataset_header_t  *h;

    h = &w->header;

    memcpy(h->magic, RECS_DATASET_MAGIC, sizeof(h->magic));
    h->version = view->contexts.numbers != NULL ? RECS_DATASET_CONTEXTS
                                                : RECS_DATASET_PLAIN;
    h->byte_order = RECS_DATASET_BYTE_ORDER;
    h->file_size = w->file->offset;
    h->payload_hash = XXH3_64bits_digest(w->hash);
    h->n_users = view->n_users;
    h->n_items = view->n_items;
    h->n_interactions = view->n_interactions;
    h->from_ms = view->from_ms;
    h->to_ms = view->to_ms;
    h->n_item_columns = view->item_entities.n_columns;
    h->n_user_columns = view->user_entities.n_columns;
    h->header_hash = XXH3_64bits(h, offsetof(recs_dataset_header_t,
                                             header_hash));

    return recs_file_patch(w->file, 0, h, sizeof(*h), err);
}


static recs_dataset_writer_t *
recs_dataset_writer_create(recs_error_t *err)
{
    recs_dataset_writer_t  *w;

    w = calloc(1, sizeof(recs_dataset_writer_t));

    if (w != NULL) {
        w->hash = XXH3_createState();

        if (w->hash != NULL) {
            XXH3_64bits_reset(w->hash);
            return w;
        }
    }

    free(w);
    recs_error(err, RECS_NOMEM, "no memory to write a dataset");

    return NULL;
}


static void
recs_dataset_writer_free(recs_dataset_writer_t *w)
{
    XXH3_freeState(w->hash);
    free(w);
}
