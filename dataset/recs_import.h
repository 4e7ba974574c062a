/*
 * recs_import: behaviour data of any supported format into a dataset.
 *
 * Input is read once, as a stream.  Memory grows with distinct users, items
 * and interactions, where an interaction is a distinct (user, item, time,
 * value, event, context); never with the bytes read.
 *
 * Cleaning, in this order, each step counted in the report:
 *
 *     malformed rows    rejected with file, line and reason
 *     rows of no use    skipped (an exposure, a rating under --min-rating, a
 *                       request that is not a GET, ...)
 *     duplicates        the same user, item, time, value, event and context,
 *                       or the same event id, once
 *     bots              users with more than max_activity interactions
 *     repeats           the same user and item: weights summed, the latest
 *                       time kept, and its context
 *     the rare          users with fewer than min_user items, items with
 *                       fewer than min_item users, until nothing changes
 *
 * The same input gives the same bytes.
 */

#ifndef _RECS_IMPORT_H_INCLUDED_
#define _RECS_IMPORT_H_INCLUDED_


#include <stdint.h>

#include "recs_dataset.h"
#include "recs_status.h"


#define RECS_FORMAT_MAP(XX)                                                   \
    XX(CSV,       "csv")                                                      \
    XX(JSONL,     "jsonl")                                                    \
    XX(EVENTS,    "events")                                                   \
    XX(MOVIELENS, "movielens")                                                \
    XX(LIGHTGCN,  "lightgcn")                                                 \
    XX(ACCESSLOG, "accesslog")

typedef enum {
    RECS_FORMAT_SNIFF,                 /* by content; all but accesslog */
#define RECS_FORMAT_ENUM(name, text)  RECS_FORMAT_##name,
    RECS_FORMAT_MAP(RECS_FORMAT_ENUM)
#undef RECS_FORMAT_ENUM
    RECS_FORMAT_COUNT
} recs_format_t;


/*
 * Why a row did not become an interaction.  A row that is *rejected* is
 * malformed, and ends a strict import; one that is *skipped* is well-formed
 * but no interaction.
 */
#define RECS_REJECT_MAP(XX)                                                   \
    XX(SYNTAX,        rejected, "malformed row")                              \
    XX(TOO_LONG,      rejected, "row too long")                               \
    XX(FIELDS,        rejected, "wrong number of fields")                     \
    XX(USER,          rejected, "user is not a valid id")                     \
    XX(ITEM,          rejected, "item is not a valid id")                     \
    XX(EVENT,         rejected, "event is not a valid name")                  \
    XX(TIME,          rejected, "timestamp not understood")                   \
    XX(TIME_RANGE,    rejected, "timestamp out of range")                     \
    XX(VALUE,         rejected, "value is not a number above 0")              \
    XX(ID,            rejected, "id is not valid")                            \
    XX(ATTRIBUTE,     rejected, "attribute is not usable text")               \
    XX(CONTEXT,       rejected, "context is not up to 8 names and values")    \
    XX(NOT_COUNTED,   skipped,  "event that does not count")                  \
    XX(LOW_RATING,    skipped,  "rating under the minimum")                   \
    XX(HTTP_METHOD,   skipped,  "request is not a GET")                       \
    XX(HTTP_STATUS,   skipped,  "response is not a 2xx")                      \
    XX(NO_USER,       skipped,  "no user")                                    \
    XX(NO_ITEM,       skipped,  "no item in the request")                     \
    XX(UNVERIFIED,    skipped,  "event without a valid token")

typedef enum {
#define RECS_REJECT_ENUM(name, kind, text)  RECS_REJECT_##name,
    RECS_REJECT_MAP(RECS_REJECT_ENUM)
#undef RECS_REJECT_ENUM
    RECS_REJECT_COUNT
} recs_reject_reason_t;

/* The reason in words; a constant string. */
const char *recs_reject_text(recs_reject_reason_t reason);

/* 1 for a malformed row, 0 for one that is merely skipped. */
int recs_reject_malformed(recs_reject_reason_t reason);


/* One rejected row; borrowed for the call. */
typedef struct {
    const char     *file;              /* as given; "-" for stdin */
    uint64_t        line;              /* from 1: where the row begins */
    recs_reject_reason_t   reason;
    const char     *detail;            /* further words, or "" */
} recs_reject_t;


/* --event name=weight */
typedef struct {
    const char  *name;
    double       weight;               /* finite, > 0 */
} recs_event_weight_t;


typedef struct {
    recs_format_t               format;
    const char *const          *inputs;         /* "-": stdin */
    uint32_t                    n_inputs;
    const char *const          *item_files;     /* csv or jsonl */
    uint32_t                    n_item_files;
    const char *const          *user_files;
    uint32_t                    n_user_files;

    /* csv and jsonl: names of columns; NULL: the usual names are tried */
    const char                 *user_column;
    const char                 *item_column;
    const char                 *time_column;
    const char                 *value_column;
    const char                 *event_column;

    /* the events that count; none given: all but "exposure", by 1 */
    const recs_event_weight_t  *events;
    uint32_t                    n_events;

    /* events: those that a client sent without a valid token count too */
    int                         unverified;

    /* movielens: 0: each rating counts; rated items alone, or every movie */
    double                      min_rating;
    int                         unrated;

    /*
     * accesslog: nginx's log_format, "combined" where it is NULL; the
     * variable that is the user, such as "$cookie_uid"; where the item stands
     * in the request, a path such as "/item/{}" or the name of a query
     * argument.
     */
    const char                 *log_format;
    const char                 *user_from;
    const char                 *item_from;

    uint64_t                    max_activity;   /* 0: off */
    uint32_t                    min_user;       /* 0, 1: off */
    uint32_t                    min_item;       /* 0, 1: off */
    int                         strict;

    /* NULL: not called.  A status but RECS_OK ends the import with it. */
    recs_status_t             (*rejected)(void *data,
                                          const recs_reject_t *reject,
                                          recs_error_t *err);
    /* After every MiB or so; total is 0 where it is not known (stdin). */
    void                      (*progress)(void *data, uint64_t bytes,
                                          uint64_t total, uint64_t rows);
    void                       *data;
} recs_import_options_t;


typedef struct {
    recs_format_t  format;                      /* of the first input */
    uint64_t       n_rows;                      /* read; lightgcn: pairs */
    uint64_t       n_kept;                      /* n_rows less the next two */
    uint64_t       n_rejected;
    uint64_t       n_skipped;
    uint64_t       n_reason[RECS_REJECT_COUNT];

    uint64_t       n_duplicates;
    uint64_t       n_repeats;                   /* summed into another one */
    uint64_t       n_bots;                      /* users */
    uint64_t       n_bot_interactions;          /* before repeats are summed */
    uint64_t       n_rare_users;
    uint64_t       n_rare_items;
    uint64_t       n_rare_interactions;
    uint64_t       max_user_interactions;       /* of the busiest user */

    uint64_t       n_item_rows;                 /* of --items, movies.csv */
    uint64_t       n_user_rows;
    uint64_t       n_entity_rejects;            /* of both; in n_reason too */
    uint64_t       n_unmatched_items;           /* left out of the dataset */
    uint64_t       n_unmatched_users;

    uint32_t       n_users;
    uint32_t       n_items;
    uint32_t       n_items_without_users;       /* from --items alone */
    uint64_t       n_interactions;
    int64_t        from_ms;
    int64_t        to_ms;
    double         density;                     /* of users x items */
} recs_import_report_t;


/* RECS_FORMAT_COUNT where there is no such format. */
recs_format_t recs_format_find(const char *name);
const char *recs_format_name(recs_format_t format);


/*
 * Imports into a dataset file (temporary, then renamed).
 *
 * RECS_INVALID  options that do not fit the format; an input without its
 *               columns; a malformed row when strict; nothing left to write
 * RECS_IO       an input cannot be read, the output cannot be written
 * RECS_REFUSED  the output is an input (recs_file_apart)
 *
 * Nothing is written unless RECS_OK is returned.  The report (may not be
 * NULL) is filled as far as the import came, in either case.
 */
recs_status_t recs_import(const recs_import_options_t *options,
    const char *path, recs_import_report_t *report, recs_error_t *err);

/* The same into memory.  The caller closes the dataset. */
recs_status_t recs_import_memory(const recs_import_options_t *options,
    recs_dataset_t **dataset, recs_import_report_t *report,
    recs_error_t *err);

/* RECS_REFUSED if path is one of the inputs: for a further output. */
recs_status_t recs_import_apart(const recs_import_options_t *options,
    const char *path, recs_error_t *err);

/*
 * A held-out test set of any sniffable format (a file, "-" or a movielens
 * folder) into memory, uncleaned but for duplicates and repeats.
 */
recs_status_t recs_import_test(const char *path, recs_dataset_t **dataset,
    recs_import_report_t *report, recs_error_t *err);


#endif /* _RECS_IMPORT_H_INCLUDED_ */
