#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_temp.h"
#include "recs_tiny_bundle.h"


recs_bundle_t *
recs_tiny_bundle(const recs_model_t *model)
{
    const char     *path;
    recs_error_t    err;
    recs_bundle_t  *bundle;

    bundle = NULL;
    path = recs_temp_path("bundle");

    if (recs_model_write(model, path, &err) != RECS_OK
        || recs_bundle_open(&bundle, path, 0, &err) != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    unlink(path);

    return bundle;
}
