#include "recs_cmd_tune.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "recs_digest.h"


#define RECS_CMD_TUNE_VERSION  1

/* Of 17 digits a double comes back as it was. */
#define RECS_CMD_TUNE_DUMP                                                    \
    (JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17))


/* The interactions of a dataset in 16 hexadecimal digits. */

static void
recs_cmd_tune_digest(const recs_dataset_t *dataset, char text[17])
{
    uint8_t                     hash[RECS_DIGEST_SIZE];
    unsigned                    i;
    recs_digest_t              *digest;
    const recs_dataset_view_t  *view;

    text[0] = '\0';
    digest = recs_digest_create();

    if (digest == NULL) {
        return;
    }

    view = recs_dataset_view(dataset);

    recs_digest_update(digest, view->user_offsets,
                       ((size_t) view->n_users + 1) * sizeof(uint64_t));
    recs_digest_update(digest, view->items,
                       view->n_interactions * sizeof(uint32_t));
    recs_digest_update(digest, view->weights,
                       view->n_interactions * sizeof(float));
    recs_digest_update(digest, view->times_ms,
                       view->n_interactions * sizeof(int64_t));
    recs_digest_final(digest, hash);
    recs_digest_destroy(digest);

    for (i = 0; i < 8; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
}


/* All that a trial's outcome depends on, other than its own values. */

static json_t *
recs_cmd_tune_header(const recs_cmd_tune_t *tune)
{
    char                      train[17], test[17];
    json_t                   *set, *search;
    uint32_t                  i;
    const recs_trainer_t     *trainer;
    const recs_tune_range_t  *range;

    trainer = tune->train.trainer;
    recs_cmd_tune_digest(tune->train_on, train);
    recs_cmd_tune_digest(tune->test_on, test);

    set = json_object();
    search = json_object();

    for (i = 0; i < trainer->n_params; i++) {
        if (tune->fixed[i]) {
            json_object_set_new(set, trainer->params[i].name,
                                json_real(tune->train.values[i]));
        }
    }

    for (i = 0; tune->searches && i < tune->space.n_ranges; i++) {
        range = &tune->space.ranges[i];
        json_object_set_new(search, trainer->params[range->param].name,
                            json_pack("[f, f]", range->min, range->max));
    }

    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o}",
                     "recs_tune", RECS_CMD_TUNE_VERSION,
                     "model", trainer->name,
                     "trained_on", train,
                     "tested_on", test,
                     "metric", recs_quality_name(tune->metric),
                     "at", (json_int_t) tune->at,
                     "seed", (json_int_t) tune->train.seed,
                     "set", set,
                     "search", search);
}


static recs_status_t
recs_cmd_tune_state_write(const recs_cmd_tune_t *tune, json_t *object,
    recs_error_t *err)
{
    char     *text, *line;
    size_t    len;
    ssize_t   n;

    text = object != NULL ? json_dumps(object, RECS_CMD_TUNE_DUMP) : NULL;
    json_decref(object);

    len = text != NULL ? strlen(text) : 0;
    line = text != NULL ? realloc(text, len + 2) : NULL;

    if (line == NULL) {
        free(text);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    line[len++] = '\n';
    n = write(tune->state, line, len);
    free(line);

    if (n != (ssize_t) len || fdatasync(tune->state) == -1) {
        return recs_error(err, RECS_IO, "cannot write %s: %s",
                          tune->state_path,
                          n >= 0 && n != (ssize_t) len ? "no room is left"
                                                       : strerror(errno));
    }

    return RECS_OK;
}


static recs_status_t
recs_cmd_tune_foreign(const recs_cmd_tune_t *tune, const char *why,
    recs_error_t *err)
{
    return recs_error(err, RECS_REFUSED, "--state %s is not of this search: "
                      "%s; name another file, or remove it",
                      tune->state_path, why);
}


/* Whether the first line is what this search would write. */

static recs_status_t
recs_cmd_tune_state_header(const recs_cmd_tune_t *tune, const char *line,
    recs_error_t *err)
{
    char           why[128];
    json_t        *own, *other, *value, *is;
    const char    *key;
    recs_status_t  status;

    own = recs_cmd_tune_header(tune);
    other = json_loads(line, 0, NULL);
    status = RECS_OK;

    if (other == NULL || json_object_get(other, "recs_tune") == NULL) {
        status = recs_cmd_tune_foreign(tune, "recs tune has not written it",
                                       err);
    }

    json_object_foreach(own, key, value) {
        is = json_object_get(other, key);

        if (status == RECS_OK && !json_equal(is, value)) {
            snprintf(why, sizeof(why), "\"%s\" is another", key);
            status = recs_cmd_tune_foreign(tune, why, err);
        }
    }

    json_decref(own);
    json_decref(other);

    return status;
}


/* A trial as it was written, every parameter within its bounds. */

static int
recs_cmd_tune_state_trial(const recs_cmd_tune_t *tune, const char *line,
    recs_tune_trial_t *trial)
{
    int                    whole;
    json_t                *object, *values, *quality, *seconds, *value;
    uint32_t               i;
    const recs_param_t    *param;

    object = json_loads(line, 0, NULL);
    values = json_object_get(object, "values");
    quality = json_object_get(object, "quality");
    seconds = json_object_get(object, "seconds");

    whole = json_integer_value(json_object_get(object, "trial"))
            == (json_int_t) tune->n_trials + 1
            && (json_is_number(quality) || json_is_null(quality))
            && json_is_number(seconds) && json_number_value(seconds) >= 0;

    trial->quality = json_is_number(quality) ? json_number_value(quality)
                                             : (double) NAN;
    trial->seconds = json_number_value(seconds);

    for (i = 0; i < tune->train.trainer->n_params; i++) {
        param = &tune->train.trainer->params[i];
        value = json_object_get(values, param->name);
        trial->values[i] = json_number_value(value);
        whole &= json_is_number(value) && trial->values[i] >= param->min
                 && trial->values[i] <= param->max;
    }

    json_decref(object);

    return whole;
}


/* Whole lines from the start on; *end is behind the last of them. */

static recs_status_t
recs_cmd_tune_state_read(recs_cmd_tune_t *tune, FILE *file, off_t *end,
    recs_error_t *err)
{
    char           *line, why[64];
    size_t          size;
    ssize_t         len;
    uint64_t        n;
    recs_status_t   status;

    line = NULL;
    size = 0;
    status = RECS_OK;

    for (n = 1, *end = 0; (len = getline(&line, &size, file)) > 0; n++) {
        if (n > 1 && line[len - 1] != '\n') {
            break;
        }

        if (n == 1) {
            status = recs_cmd_tune_state_header(tune, line, err);

        } else if (tune->n_trials == RECS_CMD_TUNE_TRIALS_MAX
                   || !recs_cmd_tune_state_trial(tune, line,
                                                 &tune->trials
                                                        [tune->n_trials]))
        {
            snprintf(why, sizeof(why), "line %" PRIu64 " is no trial of it",
                     n);
            status = recs_cmd_tune_foreign(tune, why, err);

        } else {
            tune->n_trials++;
        }

        if (status != RECS_OK || line[len - 1] != '\n') {
            break;
        }

        *end += len;
    }

    free(line);

    return status;
}


static recs_status_t
recs_cmd_tune_state_take(recs_cmd_tune_t *tune, FILE *file,
    recs_error_t *err)
{
    off_t          end;
    recs_status_t  status;

    status = recs_cmd_tune_state_read(tune, file, &end, err);
    if (status != RECS_OK) {
        return status;
    }

    if (ftruncate(tune->state, end) == -1
        || lseek(tune->state, end, SEEK_SET) == -1)
    {
        return recs_error(err, RECS_IO, "cannot write %s: %s",
                          tune->state_path, strerror(errno));
    }

    return end == 0 ? recs_cmd_tune_state_write(tune,
                                                recs_cmd_tune_header(tune),
                                                err)
                    : RECS_OK;
}


recs_status_t
recs_cmd_tune_state_open(recs_cmd_tune_t *tune, recs_error_t *err)
{
    int             copy;
    FILE           *file;
    recs_status_t   status;

    tune->state_path = recs_args_get(tune->args, "state");
    if (tune->state_path == NULL) {
        return RECS_OK;
    }

    tune->state = open(tune->state_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (tune->state == -1) {
        return recs_error(err, RECS_IO, "cannot open %s: %s",
                          tune->state_path, strerror(errno));
    }

    if (flock(tune->state, LOCK_EX | LOCK_NB) == -1) {
        return recs_error(err, RECS_REFUSED, "--state %s is in use by another "
                          "recs tune", tune->state_path);
    }

    copy = dup(tune->state);
    file = copy != -1 ? fdopen(copy, "r") : NULL;

    if (file == NULL) {
        if (copy != -1) {
            close(copy);
        }

        return recs_error(err, RECS_IO, "cannot read %s: %s",
                          tune->state_path, strerror(errno));
    }

    status = recs_cmd_tune_state_take(tune, file, err);
    fclose(file);

    return status;
}


void
recs_cmd_tune_state_close(recs_cmd_tune_t *tune)
{
    if (tune->state != -1) {
        close(tune->state);
    }
}


recs_status_t
recs_cmd_tune_state_add(recs_cmd_tune_t *tune, recs_error_t *err)
{
    json_t                   *values;
    uint32_t                  i;
    const recs_trainer_t     *trainer;
    const recs_tune_trial_t  *trial;

    if (tune->state == -1) {
        return RECS_OK;
    }

    trainer = tune->train.trainer;
    trial = &tune->trials[tune->n_trials - 1];
    values = json_object();

    for (i = 0; i < trainer->n_params; i++) {
        json_object_set_new(values, trainer->params[i].name,
                            json_real(trial->values[i]));
    }

    return recs_cmd_tune_state_write(tune,
                     json_pack("{s:I, s:o, s:o, s:f}",
                               "trial", (json_int_t) tune->n_trials,
                               "values", values,
                               "quality", isfinite(trial->quality)
                                          ? json_real(trial->quality)
                                          : json_null(),
                               "seconds", trial->seconds), err);
}
