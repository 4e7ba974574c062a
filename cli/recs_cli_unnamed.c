#include "recs_cli_unnamed.h"

#include <stdio.h>
#include <stdlib.h>

#include "recs_folder.h"


recs_status_t
recs_cli_unnamed(const recs_model_t *model, recs_bundle_t **bundle,
    recs_error_t *err)
{
    char            path[sizeof(((recs_folder_t *) 0)->temporary) + 8];
    const char     *tmp;
    recs_folder_t   folder;
    recs_status_t   status;

    tmp = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/recs",
             tmp != NULL && *tmp != '\0' ? tmp : "/tmp");

    status = recs_folder_create(&folder, path, err);
    if (status != RECS_OK) {
        return status;
    }

    snprintf(path, sizeof(path), "%s/bundle", folder.temporary);

    status = recs_model_write(model, path, err);

    if (status == RECS_OK) {
        status = recs_bundle_open(bundle, path, 0, err);
    }

    recs_folder_abort(&folder);

    return status;
}
