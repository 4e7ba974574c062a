#include "recs_dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "recs_dataset_format.h"


static recs_status_t recs_dataset_map(recs_dataset_t **dataset, int fd,
    const char *name, recs_error_t *err);
static const char *recs_dataset_fault(recs_dataset_t *dataset);
static const char *recs_dataset_header_fault(const recs_dataset_header_t *h,
    size_t size);
static const char *recs_dataset_sections_fault(const recs_dataset_header_t *h);
static const char *recs_dataset_interactions_fault(
    const recs_dataset_view_t *view);
static const char *recs_dataset_records_fault(const recs_records_t *records,
    const recs_section_t *section, uint32_t n, uint32_t n_columns);
static const char *recs_dataset_columns_fault(const char *names, uint64_t size,
    uint32_t n, const char **columns);
static void recs_dataset_fill_view(recs_dataset_t *dataset);
static uint32_t recs_dataset_find(const recs_entities_t *entities,
    recs_str_t id);


recs_status_t
recs_dataset_open(recs_dataset_t **dataset, const char *path,
    recs_error_t *err)
{
    int            fd;
    recs_status_t  status;

    fd = open(path, O_RDONLY|O_CLOEXEC);
    if (fd == -1) {
        return recs_error(err, RECS_IO, "cannot open dataset \"%s\": %s",
                          path, strerror(errno));
    }

    status = recs_dataset_map(dataset, fd, path, err);

    close(fd);

    return status;
}


void
recs_dataset_span(recs_dataset_view_t *view)
{
    int64_t   time_ms;
    uint64_t  k;

    view->from_ms = 0;
    view->to_ms = 0;

    for (k = 0; k < view->n_interactions; k++) {
        time_ms = view->times_ms[k];

        if (time_ms != 0 && (view->from_ms == 0 || time_ms < view->from_ms)) {
            view->from_ms = time_ms;
        }

        if (time_ms > view->to_ms) {
            view->to_ms = time_ms;
        }
    }
}


static recs_status_t
recs_dataset_map(recs_dataset_t **dataset, int fd, const char *name,
    recs_error_t *err)
{
    uint32_t         version;
    const char      *fault;
    struct stat      st;
    recs_status_t    status;
    recs_dataset_t  *d;

    if (fstat(fd, &st) == -1) {
        return recs_error(err, RECS_IO, "cannot read dataset \"%s\": %s",
                          name, strerror(errno));
    }

    if (!S_ISREG(st.st_mode)
        || (size_t) st.st_size < sizeof(recs_dataset_header_t))
    {
        return recs_error(err, RECS_CORRUPT, "\"%s\" is not a dataset; make"
                          " one with recs import", name);
    }

    d = calloc(1, sizeof(recs_dataset_t));
    if (d == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for dataset \"%s\"",
                          name);
    }

    d->map_size = (size_t) st.st_size;
    d->map = mmap(NULL, d->map_size, PROT_READ, MAP_SHARED, fd, 0);

    if (d->map == MAP_FAILED) {
        d->map = NULL;
        status = recs_error(err, RECS_IO, "cannot map dataset \"%s\": %s",
                            name, strerror(errno));
        goto failed;
    }

    if (memcmp(d->map, RECS_DATASET_MAGIC, 8) != 0) {
        status = recs_error(err, RECS_CORRUPT, "\"%s\" is not a dataset; make"
                            " one with recs import", name);
        goto failed;
    }

    version = ((recs_dataset_header_t *) d->map)->version;

    if (version != RECS_DATASET_PLAIN && version != RECS_DATASET_CONTEXTS) {
        status = recs_error(err, RECS_VERSION, "dataset \"%s\" is of another"
                            " version or byte order; import it again", name);
        goto failed;
    }

    fault = recs_dataset_fault(d);
    if (fault != NULL) {
        status = recs_error(err, RECS_CORRUPT, "dataset \"%s\" is damaged"
                            " (%s); import it again", name, fault);
        goto failed;
    }

    *dataset = d;

    return RECS_OK;

failed:

    recs_dataset_close(d);

    return status;
}


recs_dataset_t *
recs_dataset_borrow(const recs_dataset_view_t *view)
{
    recs_dataset_t  *dataset;

    dataset = calloc(1, sizeof(recs_dataset_t));
    if (dataset != NULL) {
        dataset->view = *view;
    }

    return dataset;
}


void
recs_dataset_close(recs_dataset_t *dataset)
{
    size_t  i;

    if (dataset == NULL) {
        return;
    }

    if (dataset->map != NULL) {
        munmap(dataset->map, dataset->map_size);
    }

    for (i = 0; i < RECS_DATASET_OWNED; i++) {
        free(dataset->owned[i]);
    }

    free(dataset->columns);
    free(dataset->segments);
    free(dataset);
}


const recs_dataset_view_t *
recs_dataset_view(const recs_dataset_t *dataset)
{
    return &dataset->view;
}


uint64_t
recs_dataset_hash(const recs_dataset_t *dataset)
{
    const recs_dataset_header_t  *header;

    header = dataset->map;

    return header != NULL ? header->header_hash : 0;
}


uint32_t
recs_dataset_user(const recs_dataset_t *dataset, recs_str_t id)
{
    return recs_dataset_find(&dataset->view.user_entities, id);
}


uint32_t
recs_dataset_item(const recs_dataset_t *dataset, recs_str_t id)
{
    return recs_dataset_find(&dataset->view.item_entities, id);
}


static const char *
recs_dataset_fault(recs_dataset_t *dataset)
{
    const char                   *fault;
    const char                   *base;
    const recs_section_t         *s;
    const recs_dataset_header_t  *h;

    base = dataset->map;
    h = dataset->map;
    s = h->sections;

    fault = recs_dataset_header_fault(h, dataset->map_size);
    if (fault != NULL) {
        return fault;
    }

    dataset->columns = calloc((size_t) h->n_item_columns + h->n_user_columns
                              + 1, sizeof(char *));
    if (dataset->columns == NULL) {
        return "no memory to check it";
    }

    recs_dataset_fill_view(dataset);

    fault = recs_dataset_interactions_fault(&dataset->view);
    if (fault != NULL) {
        return fault;
    }

    fault = recs_dataset_columns_fault(
                base + s[RECS_SECTION_ITEM_COLUMNS].offset,
                s[RECS_SECTION_ITEM_COLUMNS].size, h->n_item_columns,
                dataset->columns);
    if (fault != NULL) {
        return fault;
    }

    fault = recs_dataset_columns_fault(
                base + s[RECS_SECTION_USER_COLUMNS].offset,
                s[RECS_SECTION_USER_COLUMNS].size, h->n_user_columns,
                dataset->columns + h->n_item_columns);
    if (fault != NULL) {
        return fault;
    }

    fault = recs_dataset_records_fault(&dataset->items,
                                       &s[RECS_SECTION_ITEM_RECORDS],
                                       h->n_items, h->n_item_columns);
    if (fault != NULL) {
        return fault;
    }

    fault = recs_dataset_records_fault(&dataset->users,
                                       &s[RECS_SECTION_USER_RECORDS],
                                       h->n_users, h->n_user_columns);
    if (fault != NULL || h->version == RECS_DATASET_PLAIN) {
        return fault;
    }

    return recs_dataset_contexts_fault(dataset);
}


static const char *
recs_dataset_header_fault(const recs_dataset_header_t *h, size_t size)
{
    if (h->byte_order != RECS_DATASET_BYTE_ORDER) {
        return "another byte order";
    }

    if (h->header_hash != XXH3_64bits(h, offsetof(recs_dataset_header_t,
                                                  header_hash)))
    {
        return "checksum of the header";
    }

    if (h->file_size != size) {
        return "length of the file";
    }

    if (h->payload_hash != XXH3_64bits(h + 1, size - sizeof(*h))) {
        return "checksum";
    }

    if (h->n_item_columns > RECS_COLUMNS_MAX
        || h->n_user_columns > RECS_COLUMNS_MAX)
    {
        return "number of columns";
    }

    if (h->n_users == UINT32_MAX || h->n_items == UINT32_MAX
        || h->n_interactions > size)
    {
        return "counts";
    }

    return recs_dataset_sections_fault(h);
}


static const char *
recs_dataset_sections_fault(const recs_dataset_header_t *h)
{
    size_t                 i;
    uint64_t               sizes[RECS_SECTION_COUNT];
    const recs_section_t  *s;

    s = h->sections;

    for (i = 0; i < RECS_SECTION_COUNT; i++) {
        sizes[i] = s[i].size;
    }

    sizes[RECS_SECTION_USER_OFFSETS] = (h->n_users + 1ull) * 8;
    sizes[RECS_SECTION_RECORD_OFFSETS] = (h->n_users + 1ull) * 8;
    sizes[RECS_SECTION_ITEM_OFFSETS] = (h->n_items + 1ull) * 8;
    sizes[RECS_SECTION_ITEMS] = h->n_interactions * 4;
    sizes[RECS_SECTION_WEIGHTS] = h->n_interactions * 4;
    sizes[RECS_SECTION_TIMES] = h->n_interactions * 8;

    for (i = 0; i < RECS_SECTION_COUNT; i++) {

        if (s[i].offset < sizeof(*h) || s[i].offset > h->file_size
            || s[i].size > h->file_size - s[i].offset
            || s[i].offset % RECS_DATASET_ALIGN != 0)
        {
            return "bounds of a section";
        }

        if (s[i].size != sizes[i]) {
            return "size of a section";
        }
    }

    return NULL;
}


static void
recs_dataset_fill_view(recs_dataset_t *dataset)
{
    const char                   *base;
    recs_dataset_view_t          *view;
    const recs_section_t         *s;
    const recs_dataset_header_t  *h;

    base = dataset->map;
    h = dataset->map;
    s = h->sections;
    view = &dataset->view;

    view->n_users = h->n_users;
    view->n_items = h->n_items;
    view->n_interactions = h->n_interactions;
    view->from_ms = h->from_ms;
    view->to_ms = h->to_ms;

    view->user_offsets = (const void *)
                         (base + s[RECS_SECTION_USER_OFFSETS].offset);
    view->items = (const void *) (base + s[RECS_SECTION_ITEMS].offset);
    view->weights = (const void *) (base + s[RECS_SECTION_WEIGHTS].offset);
    view->times_ms = (const void *) (base + s[RECS_SECTION_TIMES].offset);

    dataset->items.offsets = (const void *)
                             (base + s[RECS_SECTION_ITEM_OFFSETS].offset);
    dataset->items.bytes = base + s[RECS_SECTION_ITEM_RECORDS].offset;
    dataset->users.offsets = (const void *)
                             (base + s[RECS_SECTION_RECORD_OFFSETS].offset);
    dataset->users.bytes = base + s[RECS_SECTION_USER_RECORDS].offset;

    view->item_entities.n = h->n_items;
    view->item_entities.n_columns = h->n_item_columns;
    view->item_entities.columns = dataset->columns;
    view->item_entities.record = recs_dataset_record;
    view->item_entities.data = &dataset->items;

    view->user_entities.n = h->n_users;
    view->user_entities.n_columns = h->n_user_columns;
    view->user_entities.columns = dataset->columns + h->n_item_columns;
    view->user_entities.record = recs_dataset_record;
    view->user_entities.data = &dataset->users;
}


static const char *
recs_dataset_interactions_fault(const recs_dataset_view_t *view)
{
    uint32_t         u;
    uint64_t         k;
    const uint64_t  *offsets;

    offsets = view->user_offsets;

    if (offsets[0] != 0 || offsets[view->n_users] != view->n_interactions) {
        return "offsets of the users";
    }

    for (u = 0; u < view->n_users; u++) {

        if (offsets[u + 1] < offsets[u]
            || offsets[u + 1] > view->n_interactions)
        {
            return "offsets of the users";
        }

        for (k = offsets[u]; k < offsets[u + 1]; k++) {

            if (view->items[k] >= view->n_items
                || (k > offsets[u] && view->items[k] <= view->items[k - 1]))
            {
                return "order of a user's items";
            }

            if (!isfinite(view->weights[k]) || view->weights[k] < 0) {
                return "a weight";
            }
        }
    }

    return NULL;
}


static const char *
recs_dataset_columns_fault(const char *names, uint64_t size, uint32_t n,
    const char **columns)
{
    uint32_t     i;
    const char  *end;
    const char  *stop;

    end = names + size;

    for (i = 0; i < n; i++) {
        stop = memchr(names, '\0', (size_t) (end - names));

        if (stop == NULL || !recs_id_valid(names, (size_t) (stop - names))) {
            return "name of a column";
        }

        columns[i] = names;
        names = stop + 1;
    }

    return names == end ? NULL : "names of the columns";
}


static const char *
recs_dataset_records_fault(const recs_records_t *records,
    const recs_section_t *section, uint32_t n, uint32_t n_columns)
{
    uint32_t    i;
    recs_str_t  record, id, last;

    if (records->offsets[0] != 0 || records->offsets[n] != section->size) {
        return "offsets of the records";
    }

    last.data = NULL;
    last.len = 0;

    for (i = 0; i < n; i++) {

        if (records->offsets[i + 1] < records->offsets[i]
            || records->offsets[i + 1] > section->size)
        {
            return "offsets of the records";
        }

        record = recs_dataset_record((void *) records, i);

        if (recs_record_check(record, n_columns) != RECS_OK) {
            return "a record";
        }

        id = recs_record_id(record);

        if (last.data != NULL && recs_id_compare(last, id) >= 0) {
            return "order of the ids";
        }

        last = id;
    }

    return NULL;
}


recs_str_t
recs_dataset_record(void *data, uint32_t index)
{
    recs_str_t       record;
    recs_records_t  *records;

    records = data;
    record.data = records->bytes + records->offsets[index];
    record.len = (size_t) (records->offsets[index + 1]
                           - records->offsets[index]);

    return record;
}


static uint32_t
recs_dataset_find(const recs_entities_t *entities, recs_str_t id)
{
    int         rc;
    uint32_t    lo, hi, mid;
    recs_str_t  record;

    lo = 0;
    hi = entities->n;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        record = entities->record(entities->data, mid);
        rc = recs_id_compare(id, recs_record_id(record));

        if (rc == 0) {
            return mid;
        }

        if (rc < 0) {
            hi = mid;

        } else {
            lo = mid + 1;
        }
    }

    return UINT32_MAX;
}
