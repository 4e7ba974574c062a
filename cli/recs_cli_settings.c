#include "recs_cli_settings.h"
#include "recs_input.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>


#define RECS_CLI_SETTING_MAX  256


static recs_status_t
recs_cli_settings_line(recs_cli_settings_t *settings,
    const recs_input_t *input, recs_str_t line, recs_error_t *err)
{
    char  *copy;

    if (line.len > RECS_CLI_SETTING_MAX
        || memchr(line.data, '=', line.len) == NULL)
    {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": \"%.*s\" is not "
                          "name=value", input->name, input->line,
                          line.len > 64 ? 64 : (int) line.len, line.data);
    }

    if (settings->n == RECS_PARAMS_MAX) {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": more than %d "
                          "parameters", input->name, input->line,
                          RECS_PARAMS_MAX);
    }

    copy = strndup(line.data, line.len);
    if (copy == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    if (strncmp(copy, "model=", 6) == 0) {
        free(settings->model);
        settings->model = memmove(copy, copy + 6, strlen(copy + 6) + 1);

    } else {
        settings->lines[settings->n++] = copy;
    }

    return RECS_OK;
}


recs_status_t
recs_cli_settings_read(recs_cli_settings_t *settings, const char *path,
    recs_error_t *err)
{
    int            too_long;
    recs_str_t     line;
    recs_input_t   input;
    recs_status_t  status;

    memset(settings, 0, sizeof(recs_cli_settings_t));

    status = recs_input_open(&input, path, err);
    if (status != RECS_OK) {
        return status;
    }

    for ( ;; ) {
        status = recs_input_line(&input, &line, &too_long, err);

        if (status != RECS_OK) {
            break;
        }

        if (!too_long && (line.len == 0 || line.data[0] == '#')) {
            continue;
        }

        status = recs_cli_settings_line(settings, &input, line, err);

        if (status != RECS_OK) {
            break;
        }
    }

    recs_input_close(&input);

    if (status == RECS_NOT_FOUND) {
        return RECS_OK;
    }

    recs_cli_settings_free(settings);

    return status;
}


void
recs_cli_settings_free(recs_cli_settings_t *settings)
{
    uint32_t  i;

    for (i = 0; i < settings->n; i++) {
        free(settings->lines[i]);
    }

    free(settings->model);
    memset(settings, 0, sizeof(recs_cli_settings_t));
}
