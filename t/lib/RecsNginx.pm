package RecsNginx;

# A real nginx with the module, in a folder of its own.
#
#     my $t = RecsNginx->new;
#     $t->publish($t->bundle('a'), 'shop');     folder shop, generation 1
#     $t->conf(<<'END');
#     http {
#         %%HTTP%%
#         recs_model m %%DIR%%/shop;
#         ...
#         server { listen 127.0.0.1:%%PORT%%; location /recs/ { recs_api; } }
#     }
#     END
#     $t->start;
#     my $r = $t->get('/recs/for_you', Cookie => 'uid=u1');
#     is($r->{status}, 200);
#     $t->done;                                 stops, checks the error log
#
# %%PORT%% is the first free port, %%PORT_x%% one more named x, %%DIR%% the
# folder, %%HTTP%% what every http block needs.  The environment: RECS_BUILD
# (build), RECS_NGINX (/usr/sbin/nginx), RECS_MODULE (the .so, empty: built
# in).  Requests and responses: RecsClient.  Bundles: RecsModels.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use RecsPorts qw(free_port);
use parent qw(RecsClient RecsModels);

our $WAIT = 30;                         # seconds, for any condition


sub new {
    my ($class, %options) = @_;

    my $build = $ENV{RECS_BUILD} // 'build';
    my $nginx = $ENV{RECS_NGINX} // '/usr/sbin/nginx';
    my $module = $ENV{RECS_MODULE} // "$build/ngx_http_recs_module.so";

    plan(skip_all => "no $build/recs: run make") unless -x "$build/recs";
    plan(skip_all => "no $nginx") unless -x $nginx;
    plan(skip_all => "no $module: run make")
        if length $module && !-e $module;

    my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1,
                      CLEANUP => !$ENV{RECS_KEEP});
    chmod 0755, $dir;                   # the worker's user reads it
    mkdir "$dir/$_" or die "$_: $!" for qw(logs temp);

    return bless {
        dir      => $dir,
        recs     => abs_path("$build/recs"),
        nginx    => abs_path($nginx),
        module   => length $module ? abs_path($module) : '',
        expected => [],
        owner    => $$,
    }, $class;
}


sub dir  { return $_[0]{dir} }
sub path { return "$_[0]{dir}/$_[1]" }


# Was nginx built with it: $t->has('http_v2_module')
sub has {
    my ($self, $what) = @_;

    my $options = `$self->{nginx} -V 2>&1`;
    return $options =~ /--with-\Q$what\E\b/ ? 1 : 0;
}


# A free port, always the same for a name.
sub port {
    my ($self, $name) = @_;

    return $self->{ports}{$name // ''} //= free_port();
}


sub write {
    my ($self, $file, $text) = @_;

    my $path = $file =~ m{^/} ? $file : $self->path($file);

    open my $fh, '>:raw', $path or die "$path: $!";
    print {$fh} $text;
    close $fh or die "$path: $!";

    return $path;
}


sub read {
    my ($self, $file) = @_;

    open my $fh, '<:raw', $file =~ m{^/} ? $file : $self->path($file)
        or return '';
    local $/;

    return scalar(<$fh>) // '';
}


# --- configuration -------------------------------------------------------

# The text of nginx.conf from `http` on; `globals` stands before events.
sub conf {
    my ($self, $text, %options) = @_;

    my $dir = $self->{dir};
    my $http = join "\n    ", "access_log off;", map {
        "${_}_temp_path $dir/temp/$_;"
    } qw(client_body proxy fastcgi uwsgi scgi);

    my $workers = $self->{n_workers} = $options{workers} // 1;
    my $globals = $options{globals} // '';
    my $load = $self->{module} ? "load_module $self->{module};" : '';
    my $level = $options{log} // 'info';

    $text = <<"END" . $text;
$load
worker_processes $workers;
pid $dir/nginx.pid;
error_log $dir/logs/error.log $level;
$globals
events { worker_connections 512; }
END

    $text =~ s/%%HTTP%%/$http/g;
    $text =~ s/%%DIR%%/$dir/g;
    $text =~ s/%%PORT%%/$self->port/ge;
    $text =~ s/%%PORT_(\w+)%%/$self->port($1)/ge;

    $self->write('nginx.conf', $text);

    return $self;
}


# The command line of this nginx, as a list.
sub command {
    my ($self, @more) = @_;

    return ($self->{nginx}, '-p', "$self->{dir}/", '-c',
            "$self->{dir}/nginx.conf", '-e', "$self->{dir}/logs/error.log",
            @more);
}


# nginx -t: (exit status, what it said)
sub test {
    my ($self) = @_;

    return $self->run($self->command('-t'));
}


# nginx -t refuses the configuration, in one line that matches.
sub refused {
    my ($self, $what, $pattern) = @_;

    my ($status, $output) = $self->test;
    my @lines = grep { /\[emerg\]/ } split /\n/, $output;

    isnt($status, 0, "$what is refused");
    is(scalar @lines, 1, "$what: one line") or diag($output);
    like($lines[0] // '', $pattern, "$what: it says why");

    $self->expect($pattern);
}


# Runs a program: (exit status, stdout and stderr)
sub run {
    my ($self, @command) = @_;

    my $pid = open(my $fh, '-|') // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        exec { $command[0] } @command or POSIX::_exit(127);
    }

    my $output = do { local $/; <$fh> } // '';
    close $fh;

    return ($? >> 8 || $? & 127, $output);
}


# --- processes ------------------------------------------------------------

# Until the condition holds; its value.  Fails loudly, naming what.
sub wait_for {
    my ($self, $what, $condition) = @_;

    my $end = time + $WAIT;

    while (1) {
        my $value = $condition->();
        return $value if $value;

        if (time > $end) {
            diag($self->log);
            die "waited $WAIT s for $what\n";
        }

        sleep 0.01;
    }
}


sub start {
    my ($self) = @_;

    my ($status, $output) = $self->run($self->command);

    if ($status != 0) {
        diag($output, $self->log);
        die "nginx did not start\n";
    }

    # Remembered: where a test dies, the folder goes before DESTROY comes.
    $self->{started} = $self->wait_for('the pid file',
                                       sub { $self->master });
    $self->wait_for('workers', sub { $self->workers == $self->{n_workers} });

    return $self;
}


sub master {
    my ($self) = @_;

    my ($pid) = $self->read('nginx.pid') =~ /^(\d+)$/m;
    return $pid;
}


# A process that has ended lives no more, reaped by its parent or not.
sub alive {
    my ($self, $pid) = @_;

    my ($state) = $self->read("/proc/$pid/stat") =~ /^.*\) (\S)/s;
    return defined $state && $state ne 'Z';
}


# Pids of the workers, those that are shutting down only with `old`.
sub workers {
    my ($self, %options) = @_;

    my $master = $self->master or return;
    my @pids;

    for my $pid (split ' ', $self->read("/proc/$master/task/$master/children"))
    {
        my $title = $self->read("/proc/$pid/cmdline");

        next unless $title =~ /^nginx: worker process/;
        next if $title =~ /shutting down/ && !$options{old};
        push @pids, $pid;
    }

    @pids = sort { $a <=> $b } @pids;

    return @pids;
}


# HUP, until every worker is a new one.  Dies where the configuration is
# refused: for that see reload_fails().
sub reload {
    my ($self, %options) = @_;

    my %before = map { $_ => 1 } $self->workers(old => 1);
    my $n = keys %before;

    kill 'HUP', $self->master;

    $self->wait_for('new workers', sub {
        my @now = $self->workers(old => 1);
        my @new = grep { !$before{$_} } $self->workers;

        return 0 unless @new && @new == @{[$self->workers]};
        return $options{drain} // 1
            ? !grep({ $before{$_} } @now) && @new >= 1 : 1;
    });

    return $self;
}


# HUP with a configuration that must be refused: what was logged meanwhile.
# The workers are the old ones, which serve on.
sub reload_fails {
    my ($self, $expected) = @_;

    my $seen = length $self->log;
    my @before = $self->workers;

    kill 'HUP', $self->master;

    $self->wait_for("\"$expected\" in the log", sub {
        substr($self->log, $seen) =~ $expected;
    });

    is_deeply([$self->workers], \@before, 'the old workers serve on');
    $self->expect($expected);

    return substr $self->log, $seen;
}


# Kills a worker, waits for the one that the master starts in its place.
sub kill_worker {
    my ($self, $pid, $signal) = @_;

    my %before = map { $_ => 1 } $self->workers;

    $self->expect(qr/worker process $pid exited on signal/);
    kill $signal // 'KILL', $pid;

    return $self->wait_for('a worker in its place', sub {
        my @new = grep { !$before{$_} } $self->workers;
        return $new[0];
    });
}


sub stop {
    my ($self, $signal) = @_;

    my $pid = $self->master // $self->{started} // return;
    delete $self->{started};

    # Nobody else, should the pid be used again.
    return unless $self->read("/proc/$pid/cmdline") =~ /\Q$self->{dir}\E/;

    kill $signal // 'QUIT', $pid;
    my $end = time + $WAIT;

    while ($self->alive($pid)) {
        if (time > $end) {
            kill 'KILL', $pid, $self->workers(old => 1);
            die "nginx did not stop\n";
        }

        sleep 0.01;
    }

    return $self;
}


sub log { return $_[0]->read('logs/error.log') }


# Lines of the error log that match are wanted by the test: not a fault.
sub expect {
    my ($self, $pattern) = @_;

    push @{ $self->{expected} }, $pattern;
}


# Stops nginx; no process may be left and nothing alarming be in the log; ends
# the plan.
sub done {
    my ($self) = @_;

    my @pids = $self->master ? ($self->master, $self->workers(old => 1)) : ();

    $self->stop;

    my @left = grep { $self->alive($_) } @pids;
    is("@left", '', 'no process is left');

    my @faults = grep {
        my $line = $_;
        $line =~ /\[(?:alert|crit|emerg)\]|Sanitizer|runtime error:/
            && !grep { $line =~ $_ } @{ $self->{expected} };
    } split /\n/, $self->log;

    is(join("\n", @faults), '', 'a quiet error log');
    diag($self->log) if grep { /Sanitizer|runtime error/ } @faults;

    done_testing();
}


sub DESTROY {
    my ($self) = @_;

    return unless $self->{owner} == $$;

    local ($?, $!, $@);
    eval { $self->stop('TERM') };
}


1;
