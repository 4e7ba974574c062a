# recs_status: what is loaded, what was answered, by whom; as JSON and for
# Prometheus.

use strict;
use warnings;

use FindBin;
use IO::Handle;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $bundle = $t->bundle('a');
my $generation = $t->publish($bundle, 'shop');


sub configure {
    my (%options) = @_;

    my $slots = join '', map {
        "    recs_slot extra_$_ { model shop; strategy popular; }\n"
    } 1 .. ($options{slots} // 0);

    $t->conf(<<"END", workers => $options{workers} // 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model gone %%DIR%%/nowhere optional;

    recs_slot best { model shop; strategy popular; }
    recs_slot lost { model gone; strategy popular; }
$slots
    recs_switch %%DIR%%/switch;
    recs_block %%DIR%%/block;

    server {
        listen 127.0.0.1:%%PORT%%;
        recs_user \$arg_user;

        location /recs/ { recs_api; }
        location = /status { recs_status; }
        location = /json { recs_status json; }
        location = /metrics { recs_status prometheus; }
        location = /html { recs_status html; }
    }
}
END
}


sub status { return $t->json('/status')->{json} }

sub slot {
    my ($name) = @_;

    my ($slot) = grep { $_->{name} eq $name } @{ status()->{slots} };
    return $slot;
}


# The text format, read strictly: { 'name{labels}' => value }
sub metrics {
    my $response = $t->get('/metrics');

    is($response->{headers}{'content-type'}, 'text/plain; version=0.0.4',
       'the type of the text format');

    my (%help, %type, %samples, @faults, $family);

    for my $line (split /\n/, $response->{body}) {

        if ($line =~ /^# HELP (\w+) (.+)$/) {
            push @faults, "HELP twice: $1" if $help{$1}++;
            $family = $1;

        } elsif ($line =~ /^# TYPE (\w+) (counter|gauge|histogram)$/) {
            my ($name, $type) = ($1, $2);

            push @faults, "TYPE twice: $name" if exists $type{$name};
            push @faults, "TYPE without its HELP: $name" if $name ne $family;
            push @faults, "counter without _total: $name"
                if $type eq 'counter' && $name !~ /_total$/;
            $type{$name} = $type;

        } elsif ($line =~ /^(\w+)(\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})?
                           \ ([0-9.eE+-]+)$/x)
        {
            my ($name, $labels, $value) = ($1, $2 // '', $3);
            my $base = $name;

            $base =~ s/_(?:bucket|sum|count)$//
                if ($type{$family} // '') eq 'histogram';

            push @faults, "outside its family: $line" if $base ne $family;
            push @faults, "twice: $line" if exists $samples{"$name$labels"};
            push @faults, "foreign name: $name" if $name !~ /^ngx_recs_/;
            $samples{"$name$labels"} = $value;

        } else {
            push @faults, "not of the format: $line";
        }
    }

    is(join("\n", @faults), '', 'the text format, strictly');
    like($response->{body}, qr/\n\z/, 'ends with a newline');

    return \%samples;
}


configure();
$t->start;
$t->wait_for('both workers', sub { @{ status()->{workers} } == 2 });


# --- models ----------------------------------------------------------------------

my %models = map { $_->{name} => $_ } @{ status()->{models} };
my $shop = $models{shop};

is($shop->{generation}, $generation, 'generation');
is($shop->{path}, $t->path('shop'), 'path');
is($shop->{items}, 30, 'items');
is($shop->{users}, 40, 'users');
is($shop->{factors}, 8, 'factors');
is($shop->{algorithm}, 'ials', 'algorithm');
is($shop->{bytes}, -s $bundle, 'size');
like($shop->{load_ms}, qr/^\d+$/, 'load time');
cmp_ok($shop->{age_seconds}, '<', 300, 'age');
cmp_ok(abs($shop->{created} - time), '<', 300, 'created');
cmp_ok(abs($shop->{loaded} - time), '<', 300, 'loaded');
ok($shop->{attached}, 'attached');
ok(!$models{gone}{attached}, 'one that is not there is not');

my $metrics = metrics();
is($metrics->{qq(ngx_recs_model_info{model="shop",generation="$generation",)
              . 'algorithm="ials"}'}, 1, 'info');
is($metrics->{'ngx_recs_model_items{model="shop"}'}, 30, 'items');
is($metrics->{'ngx_recs_model_attached{model="shop"}'}, 1, 'attached');
is($metrics->{'ngx_recs_model_attached{model="gone"}'}, 0, 'not attached');
is($metrics->{'ngx_recs_model_workers{model="shop",generation="current"}'}, 2,
   'both workers serve it');
cmp_ok($metrics->{'ngx_recs_model_age_seconds{model="shop"}'}, '<', 300,
       'age');


# --- slots ---------------------------------------------------------------------

$t->get('/recs/best?user=secret-visitor') for 1 .. 7;
$t->get('/recs/lost') for 1 .. 3;

is(slot('best')->{requests}, 7, 'requests');
is(slot('best')->{sources}{popular}, 7, 'source');
is(slot('best')->{reasons}{none}, 7, 'reason');
is(slot('lost')->{sources}{fallback}, 3, 'failures too');
is(slot('lost')->{reasons}{no_model}, 3, 'and why');
is(slot('best')->{latency}{count}, 7, 'latency');
is(slot('best')->{latency}{buckets}{'+Inf'}, 7, 'of all');
is(slot('lost')->{latency}{count}, 3, 'of failures too');
cmp_ok(slot('best')->{latency}{sum_seconds}, '>', 0, 'some time');

$metrics = metrics();

is($metrics->{'ngx_recs_slot_requests_total{slot="best"}'}, 7, 'requests');
is($metrics->{'ngx_recs_slot_source_total{slot="lost",source="fallback"}'}, 3,
   'fallbacks');
is($metrics->{'ngx_recs_slot_reason_total{slot="lost",reason="no_model"}'}, 3,
   'reasons');

for my $slot (qw(best lost)) {
    my @bounds = sort { $a <=> $b } map {
        /duration_seconds_bucket\{slot="$slot",le="([\d.]+)"\}/ ? $1 : ()
    } keys %$metrics;

    my @counts = map {
        $metrics->{qq(ngx_recs_slot_duration_seconds_bucket{slot="$slot",)
                   . qq(le="$_"})}
    } @bounds, '+Inf';

    is_deeply(\@counts, [sort { $a <=> $b } @counts], 'buckets add up');
    is($counts[-1], $metrics->{"ngx_recs_slot_duration_seconds_count"
                               . qq({slot="$slot"})}, 'to the count');
    is($counts[-1], $metrics->{qq(ngx_recs_slot_requests_total{slot="$slot"})},
       'which is that of the requests');
}

for my $uri (qw(/status /metrics)) {
    unlike($t->get($uri)->{body}, qr/secret-visitor|"i\d+"/,
           "$uri names no visitor and no item");
}


# --- a pid that is used again ----------------------------------------------------

# A worker that is killed while it drains is not started again: its place stays
# and its pid goes to somebody else, by and by; here at once.
SKIP: {
    my $last_pid = '/proc/sys/kernel/ns_last_pid';
    skip 'pids cannot be chosen', 2
        unless open my $chosen, '>', $last_pid and -w $last_pid;
    $chosen->autoflush(1);

    my $held = $t->socket;
    print {$held} "GET / HTTP/1.1\r\n";
    $t->get('/status') for 1 .. 3;
    $t->reload(drain => 0);

    my %new = map { $_ => 1 } $t->workers;
    my ($old) = $t->wait_for('the idle worker to go', sub {
        my @old = grep { !$new{$_} } $t->workers(old => 1);
        @old == 1 && $old[0];
    });

    $t->expect(qr/worker process $old exited on signal 9/);
    kill 'KILL', $old;
    $t->wait_for('its end', sub { !-e "/proc/$old" });

    my $child = $t->wait_for('its pid', sub {
        sysseek $chosen, 0, 0;
        syswrite $chosen, $old - 1;
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            sleep $RecsNginx::WAIT;
            POSIX::_exit(0);
        }

        return $pid if $pid == $old;
        kill 'KILL', $pid;
        waitpid $pid, 0;
        return 0;
    });

    is_deeply([sort { $a <=> $b } map { $_->{pid} } @{ status()->{workers} }],
              [$t->workers], 'a process that has its pid is no worker');
    is(metrics()->{'ngx_recs_model_workers{model="shop",generation="current"}'},
       2, 'and serves nothing');

    kill 'KILL', $child;
    waitpid $child, 0;
}


# --- the page itself -------------------------------------------------------------

is_deeply([sort keys %{ $t->json('/json')->{json} }], [sort keys %{status()}],
          'json is the default');
my $posted = $t->post('/status', ':body' => 'x');
is($posted->{status}, 405, 'no POST');
is($posted->{headers}{allow}, 'GET, HEAD', 'but what is allowed');
is($t->head('/status')->{status}, 200, 'HEAD');
is($t->head('/metrics')->{body}, '', 'HEAD has no body');

my $html = $t->get('/html');
like($html->{headers}{'content-type'}, qr{^text/html}, 'html');
like($html->{body}, qr/\Q$generation\E/, 'with the generation');
unlike($html->{body}, qr/secret-visitor/, 'and no visitor');


# --- workers, reload, respawn --------------------------------------------------

my @pids = sort map { $_->{pid} } @{ status()->{workers} };
is_deeply(\@pids, [sort($t->workers)], 'the workers');

configure(slots => 40, workers => 3);
my $next = $t->publish($t->bundle('b', seed => 2), 'shop');
$t->reload;
$t->wait_for('three workers', sub { @{ status()->{workers} } == 3 });

is(slot('best')->{requests}, 7, 'counters outlive a reload with more slots');
is(slot('extra_40')->{requests}, 0, 'new ones begin at none');
is_deeply([map { $_->{models}{shop} } @{ status()->{workers} }],
          [($next) x 3], 'all serve the next generation');
is_deeply([sort map { $_->{pid} } @{ status()->{workers} }],
          [sort($t->workers)], 'and the old ones are gone');

my $newest = $t->publish($t->bundle('c', seed => 3), 'shop');
my ($victim) = $t->workers;
$t->kill_worker($victim);
$t->wait_for('three workers', sub { @{ status()->{workers} } == 3 });

is_deeply([map { $_->{models}{shop} } @{ status()->{workers} }],
          [($next) x 3], 'a worker in its place serves its cycle\'s');
ok(!grep({ $_->{pid} == $victim } @{ status()->{workers} }),
   'the killed one is not listed');

configure();
$t->reload;
is(slot('best')->{requests}, 7, 'nor does a reload with fewer empty them');
is((grep { $_->{name} eq 'shop' } @{ status()->{models} })[0]{generation},
   $newest, 'the newest generation');


# --- a worker that cannot attach ------------------------------------------------

SKIP: {
    skip 'root reads everything, and its workers are somebody else', 6
        if $> != 0;

    chmod 0, $t->path("shop/gen-$newest.mdb") or die;

    for my $pid ($t->workers) {
        $t->kill_worker($pid);
    }

    $t->wait_for('two workers', sub { @{ status()->{workers} } == 2 });

    my $answer = $t->json('/recs/best')->{json};
    is($answer->{source}, 'fallback', 'slots fall back');
    is($answer->{reason}, 'no_model', 'and say why');
    is(metrics()->{'ngx_recs_model_workers{model="shop",generation="none"}'},
       2, 'no worker has the model');

    chmod 0444, $t->path("shop/gen-$newest.mdb") or die;
}

$t->stop;


# --- configuration ----------------------------------------------------------------

$t->write('nginx.conf',
          $t->read('nginx.conf') =~ s/recs_status json/recs_status yaml/r);
my ($status, $output) = $t->test;
$t->expect(qr/invalid format "yaml"/);
isnt($status, 0, 'another format is refused');
like($output, qr/invalid format "yaml"/, 'by name');

$t->done;
